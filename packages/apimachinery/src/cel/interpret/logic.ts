import { isError, noSuchOverload, OptionalValue, type Value } from '../values/index.ts';
import type { Step } from './frame.ts';
import { link, type Planned, plannedId } from './planned.ts';

/** `&&` and `||`: the deciding value ends it, and makes up for errors on either side. */
export function logic(id: number, terms: readonly Planned[], decides: boolean): Planned {
  return {
    kind: 'step',
    id,
    link: () => {
      const steps = terms.map(link);
      const ids = terms.map(plannedId);
      return (frame) => {
        let result: Value = !decides;
        for (const step of steps) {
          const value = step(frame);
          if (value === decides) {
            result = decides;
            break;
          }
          if (typeof value !== 'boolean' && !isError(result)) result = noSuchOverload(value);
        }
        for (const each of ids) frame.cost.drop(each);
        frame.cost.push(id, result);
        return result;
      };
    },
  };
}

/** `a.or(b)` and `a.orValue(b)` of optionals: the right side is looked at only if the left is empty. They cost nothing. */
export function optionalOr(id: number, [left, right]: readonly [Planned, Planned], unwraps: boolean): Planned {
  return {
    kind: 'step',
    id,
    link: () => {
      const [first, second] = [link(left), link(right)];
      const step: Step = (frame) => {
        const value = first(frame);
        if (!(typeof value === 'object' && value instanceof OptionalValue)) return value;
        if (value.value === undefined) return second(frame);
        return unwraps ? value.value : value;
      };
      return (frame) => {
        const value = step(frame);
        frame.cost.push(id, value);
        return value;
      };
    },
  };
}
