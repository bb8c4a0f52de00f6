import { tokenNames } from '../tokens.ts';

/** A grammar as a network of states, built as ANTLR builds it: its error messages depend on the shape. */

export type StateType =
  | 'basic'
  | 'blockEnd'
  | 'loopEnd'
  | 'stop'
  | 'block'
  | 'starBlock'
  | 'plusBlock'
  | 'starEntry'
  | 'starLoop'
  | 'plusLoop';

export type Transition =
  | { readonly kind: 'epsilon'; target: State; readonly precedenceReturn?: string }
  | { readonly kind: 'token'; target: State; readonly tokens: ReadonlySet<number> }
  | { readonly kind: 'rule'; target: State; readonly rule: string; readonly precedence: number; follow: State }
  | { readonly kind: 'precedence'; target: State; readonly precedence: number };

export interface State {
  readonly id: number;
  readonly type: StateType;
  readonly rule: string;
  readonly transitions: Transition[];
}

/** A part of a rule: what a recursive-descent parser does, with the states it does it in. */
export type Part =
  | { readonly kind: 'token'; readonly left: State; readonly right: State; readonly tokens: ReadonlySet<number> }
  | {
      readonly kind: 'rule';
      readonly left: State;
      readonly right: State;
      readonly rule: string;
      readonly precedence: number;
    }
  | { readonly kind: 'precedence'; readonly left: State; readonly right: State }
  | { readonly kind: 'sequence'; readonly left: State; readonly right: State; readonly parts: readonly Part[] }
  | { readonly kind: 'optional'; readonly left: State; readonly right: State; readonly part: Part }
  | {
      readonly kind: 'choice';
      readonly left: State;
      readonly right: State;
      readonly parts: readonly Part[];
      readonly predict: boolean;
    }
  | {
      readonly kind: 'star';
      readonly left: State;
      readonly right: State;
      readonly part: Part;
      readonly loop: State;
      readonly predict: boolean;
    }
  | {
      readonly kind: 'plus';
      readonly left: State;
      readonly right: State;
      readonly part: Part;
      readonly loop: State;
      readonly predict: boolean;
    };

export interface Rule {
  readonly name: string;
  readonly recursive: boolean;
  readonly start: State;
  readonly stop: State;
  part: Part;
}

export type RuleShapes = Readonly<
  Record<string, { readonly recursive?: true; readonly part: (build: NetworkBuilder) => Part }>
>;

/** Makes the parts of one rule. */
export class NetworkBuilder {
  readonly #states: State[];
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #rule: string;

  constructor(states: State[], rules: ReadonlyMap<string, Rule>, rule: string) {
    this.#states = states;
    this.#rules = rules;
    this.#rule = rule;
  }

  state(type: StateType = 'basic'): State {
    const state: State = { id: this.#states.length, type, rule: this.#rule, transitions: [] };
    this.#states.push(state);
    return state;
  }

  tokens(...names: readonly (typeof tokenNames)[number][]): Part {
    const [left, right] = [this.state(), this.state()];
    const tokens = new Set(names.map((name) => tokenNames.indexOf(name)));
    left.transitions.push({ kind: 'token', target: right, tokens });
    return { kind: 'token', left, right, tokens };
  }

  rule(name: string, precedence = 0): Part {
    const [left, right] = [this.state(), this.state()];
    const { start } = this.#rules.get(name) as Rule;
    left.transitions.push({ kind: 'rule', target: start, rule: name, precedence, follow: right });
    return { kind: 'rule', left, right, rule: name, precedence };
  }

  /** Passes only where the rule was entered with at most this precedence. */
  precedence(precedence: number): Part {
    const [left, right] = [this.state(), this.state()];
    left.transitions.push({ kind: 'precedence', target: right, precedence });
    return { kind: 'precedence', left, right };
  }

  sequence(...parts: readonly Part[]): Part {
    for (const [i, part] of parts.entries()) {
      const next = parts[i + 1];
      if (next === undefined) break;
      const only = part.left.transitions.length === 1 ? part.left.transitions[0] : undefined;
      const simple = part.left.type === 'basic' && part.right.type === 'basic';
      if (simple && only?.kind === 'rule' && only.follow === part.right) only.follow = next.left;
      else if (simple && only !== undefined && only.kind !== 'rule' && only.target === part.right)
        only.target = next.left;
      else epsilon(part.right, next.left);
    }
    const [first, last] = [parts[0] as Part, parts.at(-1) as Part];
    return { kind: 'sequence', left: first.left, right: last.right, parts };
  }

  #block(type: StateType, parts: readonly Part[]): { left: State; right: State } {
    const [left, right] = [this.state(type), this.state('blockEnd')];
    for (const part of parts) {
      epsilon(left, part.left);
      epsilon(part.right, right);
    }
    return { left, right };
  }

  optional(part: Part): Part {
    const { left, right } = this.#block('block', [part]);
    epsilon(left, right);
    return { kind: 'optional', left, right, part };
  }

  /** With `predict`, more than one token may be needed to choose. */
  choice(predict: boolean, ...parts: readonly Part[]): Part {
    return { kind: 'choice', ...this.#block('block', parts), parts, predict };
  }

  star(predict: boolean, ...parts: readonly Part[]): Part {
    const block = this.#block('starBlock', parts);
    const [left, right, loop] = [this.state('starEntry'), this.state('loopEnd'), this.state('starLoop')];
    epsilon(left, block.left);
    epsilon(left, right);
    epsilon(block.right, loop);
    epsilon(loop, left);
    const part: Part = parts.length === 1 ? (parts[0] as Part) : { kind: 'choice', ...block, parts, predict: true };
    return { kind: 'star', left, right, part, loop, predict };
  }

  plus(predict: boolean, part: Part): Part {
    const block = this.#block('plusBlock', [part]);
    const [right, loop] = [this.state('loopEnd'), this.state('plusLoop')];
    epsilon(block.right, loop);
    epsilon(loop, block.left);
    epsilon(loop, right);
    return { kind: 'plus', left: block.left, right, part, loop, predict };
  }
}

const epsilon = (from: State, to: State): void => {
  from.transitions.push({ kind: 'epsilon', target: to });
};

const tails: ReadonlySet<StateType> = new Set(['blockEnd', 'starLoop', 'plusLoop']);

/** Lets what is last in a block lead to the block's end itself, so that alternatives that end alike are seen to. */
const skipTail = (state: State): void => {
  const [transition] = state.transitions;
  if (state.type !== 'basic' || state.transitions.length !== 1 || transition === undefined) return;
  const next = transition.kind === 'rule' ? transition.follow : transition.target;
  const [tail] = next.transitions;
  if (next.type !== 'basic' || next.transitions.length !== 1 || tail?.kind !== 'epsilon') return;
  if (!tails.has(tail.target.type)) return;
  if (transition.kind === 'rule') transition.follow = tail.target;
  else transition.target = tail.target;
};

export interface Network {
  readonly rules: ReadonlyMap<string, Rule>;
  readonly states: readonly State[];
}

/** Builds the network of a grammar. From each rule's end there is a way to whatever may follow it. */
export const buildNetwork = (shapes: RuleShapes): Network => {
  const states: State[] = [];
  const rules = new Map<string, Rule>();
  for (const [name, { recursive }] of Object.entries(shapes)) {
    const build = new NetworkBuilder(states, rules, name);
    const [start, stop] = [build.state(), build.state('stop')];
    rules.set(name, {
      name,
      recursive: recursive === true,
      start,
      stop,
      part: { kind: 'precedence', left: start, right: stop },
    });
  }
  for (const rule of rules.values()) {
    rule.part = (shapes[rule.name] as RuleShapes[string]).part(new NetworkBuilder(states, rules, rule.name));
    epsilon(rule.start, rule.part.left);
    epsilon(rule.part.right, rule.stop);
  }
  for (const state of states) skipTail(state);
  for (const state of states) {
    for (const transition of state.transitions) {
      if (transition.kind !== 'rule') continue;
      const { stop, recursive } = rules.get(transition.rule) as Rule;
      const outermost = recursive && transition.precedence === 0;
      stop.transitions.push({
        kind: 'epsilon',
        target: transition.follow,
        ...(outermost ? { precedenceReturn: transition.rule } : {}),
      });
    }
  }
  return { rules, states };
};
