import { stringifyJson } from '../json/index.ts';
import { goNumber, goQuote } from './go-format.ts';

/**
 * One broken rule of one field, rendered exactly as the API server renders it
 * (k8s.io/apimachinery/pkg/util/validation/field): users compare these texts in their tests.
 */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooShort'
  | 'FieldValueTooMany'
  | 'FieldValueTooFew'
  | 'InternalError'
  | 'FieldValueTypeInvalid';

const titles: Readonly<Record<FieldErrorType, string>> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooShort: 'Too short',
  FieldValueTooMany: 'Too many',
  FieldValueTooFew: 'Too few',
  InternalError: 'Internal error',
  FieldValueTypeInvalid: 'Invalid value',
};

/** Types whose message never repeats the value. */
const withoutValue: ReadonlySet<FieldErrorType> = new Set([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'FieldValueTooShort',
  'InternalError',
]);

/** A path such as `spec.ports[0].name` or `metadata.labels[app]`; immutable. */
export class FieldPath {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** From the root of the object: `FieldPath.of('spec', 'ports')`. */
  static of(...names: readonly string[]): FieldPath {
    return new FieldPath(names.join('.'));
  }

  /** Empty names are left out; a child of an empty path is the name alone. */
  child(...names: readonly string[]): FieldPath {
    return new FieldPath([this.#text, ...names].filter((name) => name !== '').join('.'));
  }

  /** An item of a list: `spec.ports[0]`. */
  index(index: number): FieldPath {
    return new FieldPath(`${this.#text}[${index}]`);
  }

  key(key: string): FieldPath {
    return new FieldPath(`${this.#text}[${key}]`);
  }

  /** As the API server writes it, such as `spec.ports[0].name`. */
  toString(): string {
    return this.#text;
  }
}

/** What is wrong with one field of an object; its text is what an API server says. */
export class FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  /** The offending value; `undefined` leaves it out of the message. */
  readonly value: unknown;
  readonly detail: string;

  constructor(type: FieldErrorType, field: FieldPath | string, value: unknown, detail: string) {
    this.type = type;
    this.field = String(field);
    this.value = value;
    this.detail = detail;
  }

  /** The field has to be given, and is not. */
  static required(field: FieldPath | string, detail = ''): FieldError {
    return new FieldError('FieldValueRequired', field, '', detail);
  }

  /** The value breaks a rule, which `detail` says. */
  static invalid(field: FieldPath | string, value: unknown, detail: string): FieldError {
    return new FieldError('FieldValueInvalid', field, value, detail);
  }

  /** The value has another type than the schema asks for. */
  static typeInvalid(field: FieldPath | string, value: unknown, detail: string): FieldError {
    return new FieldError('FieldValueTypeInvalid', field, value, detail);
  }

  /** The value is there a second time, where each may be there once. */
  static duplicate(field: FieldPath | string, value: unknown): FieldError {
    return new FieldError('FieldValueDuplicate', field, value, '');
  }

  /** The field may not be given, or not be changed; `detail` says why. */
  static forbidden(field: FieldPath | string, detail: string): FieldError {
    return new FieldError('FieldValueForbidden', field, '', detail);
  }

  /** The value names something that does not exist. */
  static notFound(field: FieldPath | string, value: unknown): FieldError {
    return new FieldError('FieldValueNotFound', field, value, '');
  }

  /** The supported values appear in the order given. */
  static notSupported(field: FieldPath | string, value: unknown, supported: readonly string[]): FieldError {
    const detail = supported.length > 0 ? `supported values: ${supported.map(goQuote).join(', ')}` : '';
    return new FieldError('FieldValueNotSupported', field, value, detail);
  }

  /** `maximumBytes` below zero: the limit is not said. */
  static tooLong(field: FieldPath | string, value: unknown, maximumBytes: number): FieldError {
    const detail = maximumBytes >= 0 ? `may not be more than ${count(maximumBytes, 'byte')}` : 'value is too long';
    return new FieldError('FieldValueTooLong', field, value, detail);
  }

  /** A string of too few characters. */
  static tooShort(field: FieldPath | string, value: unknown, minimumCharacters: number): FieldError {
    const detail =
      minimumCharacters >= 0 ? `must be at least ${count(minimumCharacters, 'character')}` : 'value is too short';
    return new FieldError('FieldValueTooShort', field, value, detail);
  }

  /** A list of too many items. */
  static tooMany(field: FieldPath | string, actual: number, maximum: number): FieldError {
    const detail = maximum >= 0 ? `must have at most ${count(maximum, 'item')}` : 'has too many items';
    return new FieldError('FieldValueTooMany', field, actual >= 0 ? actual : undefined, detail);
  }

  /** A list of too few items. */
  static tooFew(field: FieldPath | string, actual: number, minimum: number): FieldError {
    const detail = minimum >= 0 ? `must have at least ${count(minimum, 'item')}` : 'has too few items';
    return new FieldError('FieldValueTooFew', field, actual >= 0 ? actual : undefined, detail);
  }

  /** Not the fault of whoever wrote the object. */
  static internal(field: FieldPath | string, detail: string): FieldError {
    return new FieldError('InternalError', field, undefined, detail);
  }

  /** The message without the field: what a StatusCause carries. */
  get body(): string {
    const title = titles[this.type];
    const head =
      withoutValue.has(this.type) || this.value === undefined ? title : `${title}: ${renderValue(this.value)}`;
    return this.detail === '' ? head : `${head}: ${this.detail}`;
  }

  /** The whole message: field, title, value and detail. */
  toString(): string {
    return `${this.field}: ${this.body}`;
  }
}

function count(quantity: number, noun: string): string {
  return `${quantity} ${noun}${quantity === 1 ? '' : 's'}`;
}

/**
 * Strings as `%q`, numbers and booleans as `%v`, everything else as JSON, members in the order they have: that of
 * the struct for a Go struct, byte order for a Go map.
 */
function renderValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return goQuote(value);
    case 'number':
    case 'bigint':
      return goNumber(value);
    case 'boolean':
      return String(value);
    default:
      return stringifyJson(value);
  }
}

/** One error as it is, several as `[a, b]` without repetitions: the aggregate text of a 422 answer. */
export function formatFieldErrors(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(String))];
  return texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`;
}
