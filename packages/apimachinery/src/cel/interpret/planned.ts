import { OptionalValue, type Value } from '../values/index.ts';
import { type Attribute, attributeId, linkAttribute } from './attributes.ts';
import type { Step } from './frame.ts';

/**
 * A node that is planned but not yet put together: what stands around an attribute may still add fields to it, and
 * whether a node is constant decides how its parent is planned.
 */
export type Planned =
  | { readonly kind: 'constant'; readonly id: number; readonly value: Value }
  | { readonly kind: 'attribute'; readonly attribute: Attribute; readonly testId?: number; readonly optional?: boolean }
  | { readonly kind: 'step'; readonly id: number; readonly link: () => Step };

export function plannedId(planned: Planned): number {
  return planned.kind === 'attribute' ? (planned.testId ?? attributeId(planned.attribute)) : planned.id;
}

/** The finished step of a node, which leaves its value on the cost stack. */
export function link(planned: Planned): Step {
  switch (planned.kind) {
    case 'constant': {
      const { id, value } = planned;
      return (frame) => {
        frame.cost.push(id, value);
        return value;
      };
    }
    case 'attribute':
      return planned.testId === undefined ? linkValue(planned.attribute) : linkTest(planned.attribute, planned.testId);
    case 'step':
      return planned.link();
    default:
      return planned satisfies never;
  }
}

function linkValue(attribute: Attribute): Step {
  const id = attributeId(attribute);
  const resolve = linkAttribute(attribute);
  if (attribute.kind === 'base') {
    return (frame) => {
      const value = resolve(frame);
      frame.cost.drop(id);
      frame.cost.cost++;
      frame.cost.push(id, value);
      return value;
    };
  }
  const parts = [attributeId(attribute.falsy), attributeId(attribute.truthy), attribute.conditionId()];
  return (frame) => {
    const value = resolve(frame);
    for (const part of parts) frame.cost.drop(part);
    frame.cost.push(id, value);
    return value;
  };
}

/** `has(…)`: free but for the fields read on the way. */
function linkTest(attribute: Attribute, id: number): Step {
  const resolve = linkAttribute(attribute);
  const last = attributeId(attribute);
  return (frame) => {
    const value = resolve(frame);
    const isPresent = value instanceof OptionalValue ? value.value !== undefined : value;
    frame.cost.drop(last);
    frame.cost.push(id, isPresent);
    return isPresent;
  };
}

/** A step that leaves its value on the cost stack. */
export const observed =
  (id: number, step: Step): Step =>
  (frame) => {
    const value = step(frame);
    frame.cost.push(id, value);
    return value;
  };
