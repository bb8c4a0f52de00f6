import { type Token, token } from './tokens.ts';

export interface SyntaxErrorAt {
  readonly at: Token;
  readonly message: string;
}

/** What is wrong with tokens that are no expression. */
export const syntaxErrors = (tokens: readonly Token[]): readonly SyntaxErrorAt[] => {
  const at = tokens.find((each) => each.type === token.eof) as Token;
  return [{ at, message: `mismatched input '${at.text}'` }];
};
