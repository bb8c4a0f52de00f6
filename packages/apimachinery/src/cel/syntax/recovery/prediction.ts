import { type Token, token } from '../tokens.ts';
import { type Frame, followOf } from './follow.ts';
import type { Rule, State } from './network.ts';

/** States to return to, the innermost first. The empty one means: to anywhere. */
interface Stack {
  readonly id: number;
  readonly state: State | undefined;
  readonly parent: Stack | undefined;
}

interface Config {
  readonly state: State;
  readonly alternative: number;
  readonly stack: Stack;
  readonly outer: number;
  /** The least precedence a path needs; undefined if it needs none. */
  readonly precedence: number | undefined;
  readonly suppressed: boolean;
}

/** No alternative fits; `at` is the token all of them fail at. */
export interface NoAlternative {
  readonly at: number;
}

interface Decision {
  readonly state: State;
  readonly recursiveRule: Rule | undefined;
  readonly frame: Frame;
}

/**
 * Chooses between alternatives by reading ahead as far as it takes, first without regard to where the rule was called
 * from, and with it where that is not enough: ANTLR's adaptive prediction.
 */
export class Predictor {
  readonly #tokens: readonly Token[];
  readonly #empty: Stack = { id: 0, state: undefined, parent: undefined };
  readonly #stacks = new Map<string, Stack>();

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The number of an alternative, from 1. */
  predict(decision: Decision, start: number): number | NoAlternative {
    let configs = this.#start(decision, this.#empty, false);
    if (decision.recursiveRule !== undefined) configs = filterPrecedence(configs, decision.frame.precedence);
    for (let at = start; ; at++) {
      const type = this.#type(at);
      const reach = this.#reach(configs, type, false, decision);
      if (reach.length === 0) return finished(configs) ?? { at: Math.min(at, this.#tokens.length - 1) };
      const only = uniqueAlternative(reach);
      if (only !== undefined) return only;
      if (isConflict(reach)) return this.#predictInContext(decision, start);
      configs = reach;
    }
  }

  #predictInContext(decision: Decision, start: number): number | NoAlternative {
    let configs = this.#start(decision, this.#stackOf(decision.frame), true);
    for (let at = start; ; at++) {
      const reach = this.#reach(configs, this.#type(at), true, decision);
      if (reach.length === 0) return finished(configs) ?? { at: Math.min(at, this.#tokens.length - 1) };
      const viable = new Set([...conflicts(reach).values()].map((alternatives) => Math.min(...alternatives)));
      if (viable.size === 1) return [...viable][0] as number;
      configs = reach;
    }
  }

  #type(at: number): number {
    return this.#tokens[Math.min(at, this.#tokens.length - 1)]?.type ?? token.eof;
  }

  #push(state: State, parent: Stack): Stack {
    const key = `${state.id} ${parent.id}`;
    let stack = this.#stacks.get(key);
    if (stack === undefined) {
      stack = { id: this.#stacks.size + 1, state, parent };
      this.#stacks.set(key, stack);
    }
    return stack;
  }

  #stackOf(frame: Frame | undefined): Stack {
    if (frame?.invoking === undefined) return this.#empty;
    return this.#push(followOf(frame.invoking), this.#stackOf(frame.parent));
  }

  #start(decision: Decision, stack: Stack, inContext: boolean): Config[] {
    const walk = new Walk(this.#push.bind(this), inContext, false, decision);
    for (const [i, transition] of decision.state.transitions.entries()) {
      const config = {
        state: transition.target,
        alternative: i + 1,
        stack,
        outer: 0,
        precedence: undefined,
        suppressed: false,
      };
      walk.close(config, true, 0);
    }
    return walk.configs();
  }

  #reach(configs: readonly Config[], type: number, inContext: boolean, decision: Decision): Config[] {
    const isEnd = type === token.eof;
    const moved: Config[] = [];
    const stopped: Config[] = [];
    for (const config of configs) {
      if (config.state.type === 'stop') {
        if (inContext || isEnd) stopped.push(config);
        continue;
      }
      for (const transition of config.state.transitions) {
        if (transition.kind !== 'token' || !transition.tokens.has(type)) continue;
        moved.push({ ...config, state: transition.target });
      }
    }
    if (stopped.length === 0 && !isEnd && uniqueAlternative(moved) !== undefined) return moved;
    const walk = new Walk(this.#push.bind(this), inContext, isEnd, decision);
    for (const config of moved) walk.close(config, false, 0);
    let reach = walk.configs();
    if (isEnd) reach = reach.filter((config) => config.state.type === 'stop');
    const hasStop = reach.some((config) => config.state.type === 'stop');
    if (stopped.length > 0 && (!inContext || !hasStop)) reach.push(...stopped);
    return reach;
  }
}

/** Follows everything that reads no token. */
class Walk {
  readonly #push: (state: State, parent: Stack) => Stack;
  readonly #inContext: boolean;
  readonly #atEnd: boolean;
  readonly #decision: Decision;
  readonly #found = new Map<string, Config>();
  readonly #busy = new Set<string>();

  constructor(push: (state: State, parent: Stack) => Stack, inContext: boolean, atEnd: boolean, decision: Decision) {
    this.#push = push;
    this.#inContext = inContext;
    this.#atEnd = atEnd;
    this.#decision = decision;
  }

  /** Without context, a stack that goes on where another may go anywhere says nothing more. */
  configs(): Config[] {
    const all = [...this.#found.values()];
    if (this.#inContext) return all;
    const keys = new Set(
      all.map((config) => `${config.state.id}|${config.alternative}|${config.precedence}|${pathOf(config.stack)}`),
    );
    return all.filter((config) => {
      const path = stackStates(config.stack);
      for (let length = 0; length < path.length; length++) {
        const shorter = path.slice(0, length).join(',');
        if (keys.has(`${config.state.id}|${config.alternative}|${config.precedence}|${shorter}`)) return false;
      }
      return true;
    });
  }

  close(config: Config, collect: boolean, depth: number): void {
    if (config.state.type !== 'stop') {
      this.#step(config, collect, depth);
      return;
    }
    const { state, parent } = config.stack;
    if (state !== undefined && parent !== undefined) {
      this.close({ ...config, state, stack: parent }, collect, depth - 1);
    } else if (this.#inContext) this.#add(config);
    else this.#step(config, collect, depth);
  }

  #add(config: Config): void {
    const key = `${config.state.id}|${config.alternative}|${config.stack.id}|${config.precedence}`;
    const known = this.#found.get(key);
    if (known === undefined) this.#found.set(key, config);
    else {
      const outer = Math.max(known.outer, config.outer);
      this.#found.set(key, { ...known, outer, suppressed: known.suppressed || config.suppressed });
    }
  }

  #step(config: Config, collect: boolean, depth: number): void {
    const { state } = config;
    const readsToken = state.transitions.some((transition) => transition.kind === 'token');
    if (readsToken || state.transitions.length === 0) this.#add(config);
    for (const transition of state.transitions) {
      if (transition.kind === 'token') {
        if (this.#atEnd && transition.tokens.has(token.eof))
          this.close({ ...config, state: transition.target }, collect, depth);
        continue;
      }
      let next: Config = { ...config, state: transition.target };
      let nextDepth = depth;
      if (transition.kind === 'rule') {
        next = { ...next, stack: this.#push(transition.follow, config.stack) };
        if (nextDepth >= 0) nextDepth++;
      } else if (transition.kind === 'precedence' && collect && depth === 0) {
        if (this.#inContext && transition.precedence < this.#decision.frame.precedence) continue;
        if (!this.#inContext) next = { ...next, precedence: transition.precedence };
      }
      if (state.type === 'stop') {
        const suppressed =
          transition.kind === 'epsilon' &&
          transition.precedenceReturn !== undefined &&
          transition.precedenceReturn === this.#decision.recursiveRule?.name;
        next = { ...next, outer: next.outer + 1, suppressed: next.suppressed || suppressed };
        nextDepth--;
      }
      const key = `${next.state.id}|${next.alternative}|${next.stack.id}|${next.precedence}|${next.outer > 0}`;
      if (this.#busy.has(key)) continue;
      this.#busy.add(key);
      this.close(next, collect, nextDepth);
    }
  }
}

const stackStates = (stack: Stack): number[] => {
  const states: number[] = [];
  for (let at: Stack | undefined = stack; at?.state !== undefined; at = at.parent) states.push(at.state.id);
  return states;
};

const pathOf = (stack: Stack): string => stackStates(stack).join(',');

/** Drops the alternatives that precedence forbids, and of the rest what the first one covers. */
const filterPrecedence = (configs: readonly Config[], precedence: number): Config[] => {
  const first = configs.filter(
    (config) => config.alternative === 1 && (config.precedence === undefined || config.precedence >= precedence),
  );
  const covered = new Set(first.map((config) => `${config.state.id}|${config.stack.id}`));
  const rest = configs.filter(
    (config) =>
      config.alternative !== 1 && (config.suppressed || !covered.has(`${config.state.id}|${config.stack.id}`)),
  );
  return [...first.map((config) => ({ ...config, precedence: undefined })), ...rest];
};

const uniqueAlternative = (configs: readonly Config[]): number | undefined => {
  const [first] = configs;
  return first !== undefined && configs.every((config) => config.alternative === first.alternative)
    ? first.alternative
    : undefined;
};

/** The first alternative that had come to the end of its rule where reading failed. */
const finished = (configs: readonly Config[]): number | undefined => {
  const done = configs.filter(
    (config) => config.outer > 0 || (config.state.type === 'stop' && config.stack.state === undefined),
  );
  return done.length === 0 ? undefined : Math.min(...done.map((config) => config.alternative));
};

/** The alternatives that are in the same state with the same stacks. */
const conflicts = (configs: readonly Config[]): Map<string, Set<number>> => {
  const stacks = new Map<string, { state: number; alternative: number; ids: Set<number> }>();
  for (const { state, alternative, stack } of configs) {
    const key = `${state.id}|${alternative}`;
    const known = stacks.get(key);
    if (known === undefined) stacks.set(key, { state: state.id, alternative, ids: new Set([stack.id]) });
    else known.ids.add(stack.id);
  }
  const subsets = new Map<string, Set<number>>();
  for (const { state, alternative, ids } of stacks.values()) {
    const key = `${state}|${[...ids].sort((a, b) => a - b).join(',')}`;
    const known = subsets.get(key);
    if (known === undefined) subsets.set(key, new Set([alternative]));
    else known.add(alternative);
  }
  return subsets;
};

/** Whether reading on without context cannot tell the alternatives apart. */
const isConflict = (configs: readonly Config[]): boolean => {
  if (configs.every((config) => config.state.type === 'stop')) return true;
  if (![...conflicts(configs).values()].some((alternatives) => alternatives.size > 1)) return false;
  const byState = new Map<number, Set<number>>();
  for (const { state, alternative } of configs) {
    byState.set(state.id, (byState.get(state.id) ?? new Set()).add(alternative));
  }
  return [...byState.values()].every((alternatives) => alternatives.size > 1);
};
