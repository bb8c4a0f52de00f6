import {
  CelError,
  GrowingList,
  GrowingMap,
  goTypeName,
  isError,
  ListValue,
  MapValue,
  type Value,
} from '../values/index.ts';
import type { Frame, Step } from './frame.ts';

/** The parts of a comprehension, put together. */
export interface Fold {
  readonly range: Step;
  readonly condition: Step;
  readonly step: Step;
  readonly result: Step;
  readonly iterSlot: number;
  /** Undefined for macros with one variable. */
  readonly secondSlot: number | undefined;
  readonly accuSlot: number;
}

export function runFold(fold: Fold, frame: Frame): Value {
  const range = fold.range(frame);
  if (isError(range)) return range;
  frame.slots[fold.accuSlot] = undefined;
  const isMap = range instanceof MapValue;
  if (!isMap && !(range instanceof ListValue)) {
    return new CelError(
      fold.secondSlot === undefined
        ? `got '${goTypeName(range)}', expected iterable type`
        : `unsupported comprehension range type: ${goTypeName(range)}`,
    );
  }
  const isComplete = isMap ? overMap(fold, frame, range) : overList(fold, frame, range);
  if (!isComplete) return new CelError('operation interrupted');
  const result = fold.result(frame);
  return result instanceof GrowingList || result instanceof GrowingMap ? result.done() : result;
}

function overList(fold: Fold, frame: Frame, list: ListValue): boolean {
  const { slots } = frame;
  const { iterSlot, secondSlot } = fold;
  const { size } = list;
  for (let i = 0; i < size; i++) {
    if (secondSlot === undefined) slots[iterSlot] = list.at(i);
    else {
      slots[iterSlot] = i;
      slots[secondSlot] = list.at(i);
    }
    const isOn = turn(fold, frame);
    if (isOn !== true) return isOn === 'enough';
  }
  return true;
}

function overMap(fold: Fold, frame: Frame, map: MapValue): boolean {
  const { slots } = frame;
  for (const key of map.keys()) {
    slots[fold.iterSlot] = key;
    if (fold.secondSlot !== undefined) slots[fold.secondSlot] = map.find(key);
    const isOn = turn(fold, frame);
    if (isOn !== true) return isOn === 'enough';
  }
  return true;
}

function turn(fold: Fold, frame: Frame): true | 'enough' | 'interrupted' {
  if (fold.condition(frame) === false) return 'enough';
  const value = fold.step(frame);
  frame.slots[fold.accuSlot] = value;
  return frame.isInterrupted() ? 'interrupted' : true;
}

/** What an accumulator begins with: empty lists and maps are ones that grow in place. */
export function growing(value: Value): Value {
  if (value instanceof ListValue && value.size === 0) return new GrowingList();
  return value instanceof MapValue && value.size === 0 ? new GrowingMap() : value;
}
