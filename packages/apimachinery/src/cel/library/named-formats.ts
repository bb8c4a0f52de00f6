import { dns1035Label, dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from '../../names/index.ts';
import { stringFormat } from '../../schema/index.ts';
import { type FunctionLibrary, PatternedValue } from '../interpret/index.ts';
import { ArrayList, type CelError, noSuchOverload, OptionalValue, optionalNone, type Value } from '../values/index.ts';
import { parseRequestUri, UrlError } from './go-url.ts';

/** Kubernetes' `format`: texts judged by what is known under a name. */

type Check = (text: string) => readonly string[];

export class FormatValue extends PatternedValue {
  readonly typeName = 'kubernetes.NamedFormat';
  readonly goType = 'cel.Format';
  readonly name: string;
  readonly check: Check;
  readonly maximumPatternSize: number;

  constructor(name: string, check: Check, maximumPatternSize: number) {
    super();
    this.name = name;
    this.check = check;
    this.maximumPatternSize = maximumPatternSize;
  }

  equalTo(other: Value): boolean | CelError {
    return other instanceof FormatValue ? this.name === other.name : noSuchOverload(other);
  }
}

/** A prefix may end in a dash, to which something will be added. */
const asPrefix =
  (check: Check): Check =>
  (text) =>
    check(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text);

const known =
  (format: string, message: string): Check =>
  (text) =>
    stringFormat(format)?.(text) === true ? [] : [message];

function uri(text: string): readonly string[] {
  const url = parseRequestUri(text);
  return url instanceof UrlError ? [url.message] : [];
}

/** With the length of the pattern behind each, which costs are reckoned with. */
const formats: ReadonlyMap<string, FormatValue> = new Map(
  (
    [
      ['dns1123Label', 'DNS1123Label', dns1123Label, 30],
      ['dns1123Subdomain', 'DNS1123Subdomain', dns1123Subdomain, 60],
      ['dns1035Label', 'DNS1035Label', dns1035Label, 30],
      ['qualifiedName', 'QualifiedName', qualifiedName, 60],
      ['dns1123LabelPrefix', 'DNS1123LabelPrefix', asPrefix(dns1123Label), 30],
      ['dns1123SubdomainPrefix', 'DNS1123SubdomainPrefix', asPrefix(dns1123Subdomain), 60],
      ['dns1035LabelPrefix', 'DNS1035LabelPrefix', asPrefix(dns1035Label), 30],
      ['labelValue', 'LabelValue', labelValue, 40],
      ['uri', 'URI', uri, 1103],
      ['uuid', 'uuid', known('uuid', 'does not match the UUID format'), 70],
      ['byte', 'byte', known('byte', 'invalid base64'), 84],
      ['date', 'date', known('date', 'invalid date'), 71],
      ['datetime', 'datetime', known('datetime', 'invalid datetime'), 71],
    ] as const
  ).map(([key, name, check, size]) => [key, new FormatValue(name, check, size)]),
);

function validate(format: Value, text: Value): Value {
  const problems = (format as FormatValue).check(text as string);
  return problems.length === 0 ? optionalNone : new OptionalValue(new ArrayList(problems));
}

const constants: FunctionLibrary = Object.fromEntries(
  [...formats].map(([key, format]) => [
    `format.${key}`,
    { overloads: { [`format.${key}`]: { variadic: () => format } } },
  ]),
);

function named(name: Value): Value {
  const format = formats.get(name as string);
  return format === undefined ? optionalNone : new OptionalValue(format);
}

export const formatFunctions: FunctionLibrary = {
  ...constants,
  'format.named': { overloads: { 'format-named': { unary: named } } },
  validate: { overloads: { 'format-validate': { binary: validate } } },
};
