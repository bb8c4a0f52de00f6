import { FieldError, FieldPath, formatFieldErrors } from '../errors/index.ts';
import { labelValue, qualifiedName } from '../names/index.ts';
import { SelectorError } from './selector-error.ts';

/** Labels of an object; an object without labels may hand in `undefined`. */
export type Labels = Readonly<Record<string, string>>;

/** The operators of label selectors, spelled as the API server prints them. */
export type LabelOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'gt' | 'lt' | 'exists' | '!';

export const binaryOperators: readonly LabelOperator[] = ['in', 'notin', '=', '==', '!=', 'gt', 'lt'];

/** One condition of a label selector. `values` holds one value for `=`, `==`, `!=`, `gt`, `lt`, none for `exists` and `!`. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

const valuesPath = FieldPath.of('values');

/** Checks key, operator and values against each other as `labels.NewRequirement` does; throws SelectorError. */
export function requirement(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  const errors = [
    ...nameErrors('key', key, qualifiedName(key)),
    ...operatorErrors(operator, values),
    ...values.flatMap((value, i) => nameErrors(valuesPath.index(i).key(key), value, labelValue(value))),
  ];
  if (errors.length > 0) throw new SelectorError(formatFieldErrors(errors));
  return Object.freeze({ key, operator, values: Object.freeze([...values]) });
}

/** The path of a key inside a parsed text is nil in the API server, and it prints it so. */
export function checkParsedKey(key: string): void {
  const [error] = nameErrors('<nil>', key, qualifiedName(key));
  if (error) throw new SelectorError(String(error));
}

function nameErrors(path: FieldPath | string, value: string, messages: readonly string[]): FieldError[] {
  return messages.length === 0 ? [] : [FieldError.invalid(path, value, messages.join('; '))];
}

function operatorErrors(operator: LabelOperator, values: readonly string[]): FieldError[] {
  const invalid = (detail: string) => FieldError.invalid(valuesPath, values, detail);
  switch (operator) {
    case 'in':
    case 'notin':
      return values.length === 0 ? [invalid("for 'in', 'notin' operators, values set can't be empty")] : [];
    case '=':
    case '==':
    case '!=':
      return values.length !== 1 ? [invalid('exact-match compatibility requires one single value')] : [];
    case 'exists':
    case '!':
      return values.length !== 0 ? [invalid('values set must be empty for exists and does not exist')] : [];
    case 'gt':
    case 'lt':
      return [
        ...(values.length !== 1 ? [invalid("for 'Gt', 'Lt' operators, exactly one value is required")] : []),
        ...values.flatMap((value, i) =>
          parseInt64(value) === undefined
            ? [FieldError.invalid(valuesPath.index(i), value, "for 'Gt', 'Lt' operators, the value must be an integer")]
            : [],
        ),
      ];
    default:
      return operator satisfies never;
  }
}

/** Whether labels meet the requirement. `!=` and `notin` are also met by labels that lack the key. */
export function meets(labels: Labels, { key, operator, values }: LabelRequirement): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'in':
    case '=':
    case '==':
      return value !== undefined && values.includes(value);
    case 'notin':
    case '!=':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt': {
      const left = value === undefined ? undefined : parseInt64(value);
      const right = parseInt64(values[0] ?? '');
      if (left === undefined || right === undefined) return false;
      return operator === 'gt' ? left > right : left < right;
    }
    default:
      return operator satisfies never;
  }
}

/** The text that parses to the requirement again; values sorted. */
export function formatRequirement({ key, operator, values }: LabelRequirement): string {
  const list = [...values].sort().join(',');
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${list})`;
    case 'gt':
      return `${key}>${list}`;
    case 'lt':
      return `${key}<${list}`;
    case '=':
    case '==':
    case '!=':
      return `${key}${operator}${list}`;
    default:
      return operator satisfies never;
  }
}

/** Go's strconv.ParseInt(text, 10, 64). */
function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
