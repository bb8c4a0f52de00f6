import { compareBytes, quoteJsonString } from '@setpoint/apimachinery/json';
import type { JsonValue } from '@setpoint/apimachinery/meta';
import { compareValues, valueJson, valueText } from './value.ts';

/** One step of a path: a string is the name of a field, the others choose an item of a list. */
export type PathElement = string | ItemElement;

/** From the root of an object. */
export type FieldPath = readonly PathElement[];

interface Item {
  /** Its form in FieldsV1, by which elements are told apart: `k:{"name":"x"}`, `v:"x"`, `i:0`. */
  readonly text: string;
}

/** The item of a list of type map with these keys, sorted by name. */
export interface KeyElement extends Item {
  readonly kind: 'key';
  readonly fields: readonly KeyField[];
}

export interface KeyField {
  readonly name: string;
  readonly value: JsonValue;
}

/** The item of a list of type set that is this value. */
export interface ValueElement extends Item {
  readonly kind: 'value';
  readonly value: JsonValue;
}

/** The item of another list at this place. */
export interface IndexElement extends Item {
  readonly kind: 'index';
  readonly index: number;
}

/** An item that nothing identifies: it lost its keys. */
interface InvalidElement extends Item {
  readonly kind: 'invalid';
}

export type ItemElement = KeyElement | ValueElement | IndexElement | InvalidElement;

/** Fields of different names; sorted in place where they are not. */
export function keyElement(fields: KeyField[]): KeyElement {
  if (fields.length > 1) fields.sort((a, b) => compareBytes(a.name, b.name));
  let text = '';
  for (const { name, value } of fields) {
    text += `${text === '' ? 'k:{' : ','}${quoteJsonString(name)}:${valueJson(value)}`;
  }
  return { kind: 'key', text: text === '' ? 'k:{}' : `${text}}`, fields };
}

export function valueElement(value: JsonValue): ValueElement {
  return { kind: 'value', text: `v:${valueJson(value)}`, value };
}

export function indexElement(index: number): IndexElement {
  return { kind: 'index', text: `i:${index}`, index };
}

export const invalidElement: ItemElement = { kind: 'invalid', text: '' };

const kinds = ['key', 'value', 'index', 'invalid'] as const;

/** Names of fields first, then keys, values, indexes; each by its content. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0;
  if (typeof a === 'string') return typeof b === 'string' ? compareBytes(a, b) : -1;
  if (typeof b === 'string') return 1;
  if (a.kind !== b.kind) return kinds.indexOf(a.kind) - kinds.indexOf(b.kind);
  if (a.text === b.text) return 0;
  switch (a.kind) {
    case 'key':
      return compareKeys(a.fields, (b as KeyElement).fields);
    case 'value':
      return compareValues(a.value, (b as ValueElement).value);
    case 'index':
      return a.index - (b as IndexElement).index;
    case 'invalid':
      return 0;
    default:
      return a satisfies never;
  }
}

function compareKeys(a: readonly KeyField[], b: readonly KeyField[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const left = a[i] as KeyField;
    const right = b[i] as KeyField;
    const difference = compareBytes(left.name, right.name) || compareValues(left.value, right.value);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function equalElements(a: PathElement, b: PathElement): boolean {
  return compareElements(a, b) === 0;
}

/** As messages show it: `.spec`, `[name="x"]`, `[="x"]`, `[0]`. */
export function elementText(element: PathElement, doubles = true): string {
  if (typeof element === 'string') return `.${element}`;
  switch (element.kind) {
    case 'key':
      return `[${element.fields.map(({ name, value }) => `${name}=${valueText(value, doubles)}`).join(',')}]`;
    case 'value':
      return `[=${valueText(element.value, doubles)}]`;
    case 'index':
      return `[${element.index}]`;
    case 'invalid':
      return '{{invalid path element}}';
    default:
      return element satisfies never;
  }
}

/** `.spec.template.spec.containers[name="x"].image` */
export function pathText(path: FieldPath): string {
  let text = '';
  for (const element of path) text += elementText(element);
  return text;
}
