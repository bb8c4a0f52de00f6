import { CelError, DurationValue, equal, isError, TimestampValue, type Value } from '../values/index.ts';
import { callCost } from './call-cost.ts';
import type { Frame, Step } from './frame.ts';
import type { Singleton } from './functions.ts';
import { link, type Planned, plannedId } from './planned.ts';

interface Call {
  readonly id: number;
  readonly name: string;
  /** Empty where the checker could not tell. */
  readonly overload: string;
  readonly args: readonly Planned[];
}

/** A call whose cost is reckoned from the arguments on the stack. */
function charged(call: Call, make: (args: readonly Step[]) => Step): Planned {
  const { id, name, overload, args } = call;
  return {
    kind: 'step',
    id,
    link: () => {
      const step = make(args.map(link));
      const ids = args.map(plannedId);
      const cost = callCost(name, overload);
      return (frame) => {
        const value = step(frame);
        const values = frame.cost.take(ids);
        if (values !== undefined) frame.cost.cost += cost(values, value);
        frame.cost.push(id, value);
        return value;
      };
    },
  };
}

export function callOf(call: Call, implementation: Singleton | undefined): Planned {
  const { name, id, args } = call;
  if (args.length === 0) {
    const { variadic } = implementation ?? {};
    if (variadic === undefined) throw new PlanError(`no such overload: ${name}()`);
    return charged(call, () => () => variadic([]));
  }
  if (args.length === 1 && implementation?.variadic === undefined) {
    if (implementation !== undefined && implementation.unary === undefined) {
      throw new PlanError(`no such overload: ${name}(arg)`);
    }
    return charged(call, ([first]) => unaryStep(name, first as Step, implementation));
  }
  if (args.length === 2 && implementation?.variadic === undefined) {
    if (implementation !== undefined && implementation.binary === undefined) {
      throw new PlanError(`no such overload: ${name}(lhs, rhs)`);
    }
    return charged(call, ([first, second]) => binaryStep(name, first as Step, second as Step, implementation));
  }
  if (implementation !== undefined && implementation.variadic === undefined) {
    throw new PlanError(`no such overload: ${name}(...)`);
  }
  return charged(call, (steps) => variadicStep(`${name} ${id}`, steps, implementation));
}

/** The expression cannot be made a program: a constant part of it fails. The message is cel-go's. */
export class PlanError extends Error {
  readonly code = 'CelPlanError';

  constructor(message: string) {
    super(message);
    this.name = 'PlanError';
  }
}

/** Strings, times and durations are asked for a method of that name, and have none. */
function refuse(name: string, first: Value): CelError {
  const isReceiver = typeof first === 'string' || first instanceof TimestampValue || first instanceof DurationValue;
  return new CelError(isReceiver ? 'no such overload' : `no such overload: ${name}`);
}

function unaryStep(name: string, argument: Step, implementation: Singleton | undefined): Step {
  const { unary, accepts, nonStrict = false } = implementation ?? {};
  return (frame) => {
    const value = argument(frame);
    if (isError(value)) {
      if (!nonStrict || unary === undefined) return value;
      return unary(value);
    }
    return unary !== undefined && (accepts === undefined || accepts(value)) ? unary(value) : refuse(name, value);
  };
}

function binaryStep(name: string, left: Step, right: Step, implementation: Singleton | undefined): Step {
  const { binary, accepts } = implementation ?? {};
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    if (isError(a)) return a;
    if (isError(b)) return b;
    return binary !== undefined && (accepts === undefined || accepts(a)) ? binary(a, b) : refuse(name, a);
  };
}

/** Arguments behind one that failed are not evaluated. */
function variadicStep(name: string, steps: readonly Step[], implementation: Singleton | undefined): Step {
  const { variadic, accepts } = implementation ?? {};
  return (frame: Frame) => {
    const args: Value[] = [];
    for (const step of steps) {
      const value = step(frame);
      if (isError(value)) return value;
      args.push(value);
    }
    const first = args[0] as Value;
    return variadic !== undefined && (accepts === undefined || accepts(first)) ? variadic(args) : refuse(name, first);
  };
}

/** `==` and `!=`; what cannot be compared is not equal, but `==` says so with an error. */
export function equality(id: number, args: readonly Planned[], isNegated: boolean): Planned {
  const [name, overload] = isNegated ? ['_!=_', 'not_equals'] : ['_==_', 'equals'];
  return charged({ id, name: name as string, overload: overload as string, args }, ([left, right]) => (frame) => {
    const a = (left as Step)(frame);
    const b = (right as Step)(frame);
    if (isError(a)) return a;
    if (isError(b)) return b;
    const same = equal(a, b);
    return isNegated ? same !== true : same;
  });
}

export const knownCall = (call: Call, variadic: (args: readonly Value[]) => Value): Planned =>
  charged(call, (steps) => variadicStep(`${call.name} ${call.id}`, steps, { variadic }));
