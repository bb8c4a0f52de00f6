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
  | 'FieldValueTooMany'
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
  FieldValueTooMany: 'Too many',
  InternalError: 'Internal error',
  FieldValueTypeInvalid: 'Invalid value',
};

/** Types whose message never repeats the value. */
const withoutValue: ReadonlySet<FieldErrorType> = new Set([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'InternalError',
]);

/** A path such as `spec.ports[0].name` or `metadata.labels[app]`; immutable. */
export class FieldPath {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  static of(...names: readonly string[]): FieldPath {
    return new FieldPath(names.join('.'));
  }

  child(...names: readonly string[]): FieldPath {
    return new FieldPath([this.#text, ...names].filter((name) => name !== '').join('.'));
  }

  index(index: number): FieldPath {
    return new FieldPath(`${this.#text}[${index}]`);
  }

  key(key: string): FieldPath {
    return new FieldPath(`${this.#text}[${key}]`);
  }

  toString(): string {
    return this.#text;
  }
}

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

  static required(field: FieldPath | string, detail = ''): FieldError {
    return new FieldError('FieldValueRequired', field, '', detail);
  }

  static invalid(field: FieldPath | string, value: unknown, detail: string): FieldError {
    return new FieldError('FieldValueInvalid', field, value, detail);
  }

  static typeInvalid(field: FieldPath | string, value: unknown, detail: string): FieldError {
    return new FieldError('FieldValueTypeInvalid', field, value, detail);
  }

  static duplicate(field: FieldPath | string, value: unknown): FieldError {
    return new FieldError('FieldValueDuplicate', field, value, '');
  }

  static forbidden(field: FieldPath | string, detail: string): FieldError {
    return new FieldError('FieldValueForbidden', field, '', detail);
  }

  static notFound(field: FieldPath | string, value: unknown): FieldError {
    return new FieldError('FieldValueNotFound', field, value, '');
  }

  static notSupported(field: FieldPath | string, value: unknown, supported: readonly string[]): FieldError {
    const list = [...supported].sort().map((value) => JSON.stringify(value));
    return new FieldError(
      'FieldValueNotSupported',
      field,
      value,
      list.length > 0 ? `supported values: ${list.join(', ')}` : '',
    );
  }

  static tooLong(field: FieldPath | string, value: unknown, maximumBytes: number): FieldError {
    const detail = maximumBytes >= 0 ? `may not be more than ${maximumBytes} bytes` : 'value is too long';
    return new FieldError('FieldValueTooLong', field, value, detail);
  }

  static tooMany(field: FieldPath | string, actual: number, maximum: number): FieldError {
    const detail = maximum >= 0 ? `must have at most ${maximum} item${maximum === 1 ? '' : 's'}` : 'has too many items';
    return new FieldError('FieldValueTooMany', field, actual >= 0 ? actual : undefined, detail);
  }

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

  toString(): string {
    return `${this.field}: ${this.body}`;
  }
}

function renderValue(value: unknown): string {
  if (value === null) return '"null"';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/** One error as it is, several as `[a, b]` without repetitions: the aggregate text of a 422 answer. */
export function formatFieldErrors(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(String))];
  return texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`;
}
