import { token } from '../tokens.ts';
import type { Network, Rule, State } from './network.ts';

/** Stands in a set of tokens for the end of the rule. */
export const ruleEnd = -2;

/** A rule being read, and the state of the caller it was called in. */
export interface Frame {
  readonly rule: Rule;
  readonly invoking: State | undefined;
  readonly precedence: number;
  readonly parent: Frame | undefined;
}

/** Answers which tokens may come next. */
export class Follow {
  readonly #network: Network;
  readonly #known = new Map<State, ReadonlySet<number>>();

  constructor(network: Network) {
    this.#network = network;
  }

  /** The tokens that may come in a state; `ruleEnd` among them if the rule may end there. */
  within(state: State): ReadonlySet<number> {
    let tokens = this.#known.get(state);
    if (tokens === undefined) {
      tokens = this.#look(state, undefined, new Set());
      this.#known.set(state, tokens);
    }
    return tokens;
  }

  /** The tokens that may come in a state of the rule that `frame` reads, seen through the ends of rules. */
  inContext(state: State, frame: Frame | undefined): ReadonlySet<number> {
    const found = new Set(this.within(state));
    for (let at = frame; found.delete(ruleEnd); at = at?.parent) {
      if (at?.invoking === undefined) {
        found.add(token.eof);
        break;
      }
      for (const type of this.within(followOf(at.invoking))) found.add(type);
    }
    return found;
  }

  /** Where parsing can go on after an error: what follows any of the rules being read. */
  recovery(frame: Frame | undefined): Set<number> {
    const found = new Set<number>();
    for (let at = frame; at?.invoking !== undefined; at = at.parent) {
      for (const type of this.within(followOf(at.invoking))) found.add(type);
    }
    found.delete(ruleEnd);
    return found;
  }

  #look(state: State, stop: State | undefined, seen: Set<State>): Set<number> {
    const found = new Set<number>();
    if (seen.has(state)) return found;
    seen.add(state);
    if (state.type === 'stop') return found.add(ruleEnd);
    for (const transition of state.transitions) {
      if (transition.kind === 'token') for (const type of transition.tokens) found.add(type);
      else if (transition.kind !== 'rule')
        for (const type of this.#look(transition.target, stop, seen)) found.add(type);
      else {
        const inner = new Set(this.within((this.#network.rules.get(transition.rule) as Rule).start));
        const through = inner.delete(ruleEnd);
        for (const type of inner) found.add(type);
        if (through) for (const type of this.#look(transition.follow, stop, seen)) found.add(type);
      }
    }
    return found;
  }
}

/** The state behind a call of a rule. */
export const followOf = (invoking: State): State => {
  const [transition] = invoking.transitions;
  if (transition?.kind !== 'rule') throw new Error('a state that invokes a rule has one transition, to that rule');
  return transition.follow;
};
