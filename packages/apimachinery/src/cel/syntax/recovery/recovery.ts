import { type Token, token, tokenNames } from '../tokens.ts';
import { Follow, type Frame } from './follow.ts';
import { celNetwork } from './grammar.ts';
import type { Network, Part, Rule, State } from './network.ts';
import { Predictor } from './prediction.ts';

export interface SyntaxErrorAt {
  readonly at: Token;
  readonly message: string;
  /** Found in the tree that was read all the same: not a matter of syntax. */
  readonly afterwards?: true;
}

const maxAttempts = 30;
const maxLookahead = 256;

/** Parsing goes no further. `message` is reported without a place. */
class Abandoned extends Error {}

/** A rule cannot go on; its own error is reported once and tokens are skipped until something can follow. */
class Stuck extends Error {
  readonly token: Token;

  constructor(message: string, at: Token) {
    super(message);
    this.token = at;
  }
}

/** The text between two tokens as it was written, both included. */
export type TextBetween = (start: Token, stop: Token) => string;

/**
 * What is wrong with tokens that are no expression: reads them as the parser that ANTLR makes of the grammar would,
 * which drops or supplies a token or skips some to read on, and notes what it says.
 */
export const recover = (tokens: readonly Token[], textBetween: TextBetween): RecoveredErrors =>
  new Recoverer(tokens, textBetween).run();

export interface RecoveredErrors {
  readonly errors: readonly SyntaxErrorAt[];
  /** Why parsing was given up, if it was. */
  readonly abandoned: string | undefined;
}

const escaped = (text: string): string =>
  `'${text.replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;

/** A set of tokens as messages name it: in the grammar's order, the end first. */
const names = (types: ReadonlySet<number>): string => {
  const sorted = [...types].sort((a, b) => a - b).map((type) => (type === token.eof ? '<EOF>' : tokenNames[type]));
  return sorted.length === 1 ? (sorted[0] as string) : `{${sorted.join(', ')}}`;
};

class Recoverer {
  readonly #tokens: readonly Token[];
  readonly #textBetween: TextBetween;
  readonly #network: Network = celNetwork();
  readonly #follow = new Follow(this.#network);
  readonly #predictor: Predictor;
  readonly #errors: SyntaxErrorAt[] = [];
  #at = 0;
  #state: State;
  #frame: Frame | undefined;
  #recovering = false;
  #lastErrorAt = -1;
  #lastErrorStates = new Set<State>();
  #attempts = 0;

  constructor(tokens: readonly Token[], textBetween: TextBetween) {
    this.#tokens = tokens;
    this.#textBetween = textBetween;
    this.#predictor = new Predictor(tokens);
    this.#state = (this.#network.rules.get('start') as Rule).start;
  }

  run(): RecoveredErrors {
    try {
      this.#rule('start', 0, undefined);
      return { errors: this.#errors, abandoned: undefined };
    } catch (error) {
      if (!(error instanceof Abandoned)) throw error;
      return { errors: this.#errors, abandoned: error.message === '' ? undefined : error.message };
    }
  }

  #peek(ahead = 1): Token {
    return this.#tokens[Math.min(this.#at + ahead - 1, this.#tokens.length - 1)] as Token;
  }

  #consume(): void {
    if (this.#at < this.#tokens.length - 1) this.#at++;
  }

  #rule(name: string, precedence: number, invoking: State | undefined): void {
    const rule = this.#network.rules.get(name) as Rule;
    const parent = this.#frame;
    this.#frame = { rule, invoking, precedence, parent };
    this.#state = rule.start;
    const first = this.#peek();
    try {
      this.#read(rule.part);
    } catch (error) {
      if (!(error instanceof Stuck)) throw error;
      this.#report(error.token, error.message);
      this.#skip();
      if (name === 'escapeIdent' && parent?.rule.name === 'member') {
        this.#errors.push({ at: first, message: 'unsupported ident kind', afterwards: true });
      }
    }
    if (!rule.recursive && invoking !== undefined) this.#state = invoking;
    this.#frame = parent;
  }

  #read(part: Part): void {
    switch (part.kind) {
      case 'token':
        this.#state = part.left;
        this.#match(part.tokens);
        return;
      case 'rule':
        this.#state = part.left;
        this.#rule(part.rule, part.precedence, part.left);
        return;
      case 'precedence':
        this.#state = part.left;
        return;
      case 'sequence':
        for (const each of part.parts) this.#read(each);
        return;
      case 'optional':
        this.#enter(part.left);
        if (this.#startsWith(part.part)) this.#read(part.part);
        return;
      case 'choice':
        this.#enter(part.left);
        this.#read(part.parts[this.#choose(part) - 1] as Part);
        return;
      case 'star':
        this.#enter(part.left);
        while (part.predict ? this.#predict(part.left) === 1 : this.#startsWith(part.part)) {
          this.#read(part.part);
          this.#enter(part.loop);
        }
        return;
      case 'plus':
        this.#enter(part.left);
        do {
          this.#read(part.part);
          this.#enter(part.loop);
        } while (part.predict ? this.#predict(part.loop) === 1 : this.#startsWith(part.part));
        return;
      default:
        part satisfies never;
    }
  }

  #startsWith(part: Part): boolean {
    return this.#follow.within(part.left).has(this.#peek().type);
  }

  #choose(part: Part & { kind: 'choice' }): number {
    if (part.predict) return this.#predict(part.left);
    const found = part.parts.findIndex((each) => this.#startsWith(each));
    if (found < 0) throw this.#noAlternative(this.#peek());
    return found + 1;
  }

  #predict(state: State): number {
    const frame = this.#frame as Frame;
    const recursiveRule = frame.rule.recursive && state.type === 'starEntry' ? frame.rule : undefined;
    const found = this.#predictor.predict({ state, recursiveRule, frame }, this.#at);
    if (typeof found === 'number') return found;
    throw this.#noAlternative(this.#tokens[found.at] as Token);
  }

  #noAlternative(offending: Token): Stuck {
    const start = this.#peek();
    const input = start.type === token.eof ? '<EOF>' : this.#textBetween(start, offending);
    return new Stuck(`no viable alternative at input ${escaped(input)}`, offending);
  }

  #mismatch(): Stuck {
    const expected = names(this.#expected());
    return new Stuck(`mismatched input ${escaped(this.#peek().text)} expecting ${expected}`, this.#peek());
  }

  #expected(): ReadonlySet<number> {
    return this.#follow.inContext(this.#state, this.#frame);
  }

  #report(at: Token, message: string): void {
    if (this.#recovering) return;
    this.#recovering = true;
    this.#errors.push({ at, message });
  }

  #recovered(): void {
    this.#recovering = false;
    this.#lastErrorAt = -1;
    this.#lastErrorStates = new Set();
  }

  #match(types: ReadonlySet<number>): void {
    if (types.has(this.#peek().type)) {
      this.#recovered();
      this.#consume();
      return;
    }
    this.#checkAttempts();
    if (this.#deleteToken()) {
      this.#consume();
      return;
    }
    const next = this.#state.transitions[0]?.target as State;
    if (!this.#follow.inContext(next, this.#frame).has(this.#peek().type)) throw this.#mismatch();
    this.#report(this.#peek(), `missing ${names(this.#expected())} at ${escaped(this.#peek().text)}`);
  }

  /** Drops the token if the one behind it is what is wanted. */
  #deleteToken(): boolean {
    if (!this.#expected().has(this.#peek(2).type)) return false;
    this.#reportUnwanted();
    this.#consume();
    this.#recovered();
    return true;
  }

  #reportUnwanted(): void {
    const at = this.#peek();
    this.#report(at, `extraneous input ${escaped(at.text)} expecting ${names(this.#expected())}`);
  }

  /** Comes to a place where the parser decides; a token that fits nothing there is found out at once. */
  #enter(state: State): void {
    this.#state = state;
    if (this.#recovering) return;
    const here = this.#follow.within(state);
    if (here.has(-2) || here.has(this.#peek().type)) return;
    if (state.type === 'starLoop' || state.type === 'plusLoop') {
      this.#reportUnwanted();
      const until = this.#follow.recovery(this.#frame);
      for (const type of this.#expected()) until.add(type);
      this.#skipUntil(until, Number.POSITIVE_INFINITY);
    } else if (!this.#deleteToken()) throw this.#mismatch();
  }

  #checkAttempts(): void {
    if (this.#attempts++ < maxAttempts) return;
    this.#errors.push({ at: this.#peek(), message: `error recovery attempt limit exceeded: ${maxAttempts}` });
    throw new Abandoned('');
  }

  /** Skips to a token that may follow one of the rules being read. */
  #skip(): void {
    this.#checkAttempts();
    let budget = maxLookahead;
    if (this.#lastErrorAt === this.#at && this.#lastErrorStates.has(this.#state)) {
      this.#consume();
      budget--;
    }
    this.#lastErrorAt = this.#at;
    this.#lastErrorStates.add(this.#state);
    this.#skipUntil(this.#follow.recovery(this.#frame), budget);
  }

  #skipUntil(types: ReadonlySet<number>, budget: number): void {
    let left = budget;
    while (this.#peek().type !== token.eof && !types.has(this.#peek().type)) {
      if (left-- <= 0) throw new Abandoned(`error recovery token lookahead limit exceeded: ${maxLookahead}`);
      this.#consume();
    }
  }
}
