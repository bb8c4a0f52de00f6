import type { TreeBuilder } from './builder.ts';
import type { Lexed } from './lexer.ts';
import { recover } from './recovery/index.ts';
import { locationOf } from './source.ts';
import { type Token, token } from './tokens.ts';

/** A reserved word where a name has to stand was always reported so. */
const reservedWord = /no viable alternative at input '.(true|false|null)'/g;

/** Reports everything that is wrong with tokens that are no expression. */
export const reportSyntaxErrors = (tree: TreeBuilder, lexed: Lexed): void => {
  const { text, length } = tree.source;
  const points = length === text.length ? text : Array.from(text);
  const slice = (start: number, stop: number): string => {
    const part = points.slice(start, stop);
    return typeof part === 'string' ? part : part.join('');
  };
  // What the lexer could not read is no part of the text it hands on.
  const textBetween = (start: Token, stop: Token): string => {
    const end = stop.type === token.eof ? length : stop.stop;
    let found = '';
    let at = start.start;
    for (const error of lexed.errors) {
      if (error.start < at || error.start >= end) continue;
      found += slice(at, error.start);
      at = error.start + Array.from(error.text).length;
    }
    return found + slice(at, end);
  };
  const { errors, abandoned } = recover(lexed.tokens, textBetween);
  for (const { at, message, afterwards } of errors) {
    const said = message.replaceAll(reservedWord, "mismatched input '$1' expecting IDENTIFIER");
    // No column at all is what an empty text has.
    const location = length === 0 ? { line: 1, column: -1 } : locationOf(tree.source, at.start);
    tree.issues.report(0, location, afterwards === true ? said : `Syntax error: ${said}`);
  }
  if (abandoned !== undefined) tree.failNowhere(abandoned);
};
