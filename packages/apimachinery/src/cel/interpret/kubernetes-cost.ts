import {
  BytesValue,
  codePoints,
  costSize,
  elements,
  ListValue,
  MapValue,
  OpaqueValue,
  type Value,
} from '../values/index.ts';

/** What Kubernetes reckons for its own libraries, and for some of cel-go's; undefined leaves it to cel-go. */
export type KubernetesCost = (args: readonly Value[], result: Value) => number | undefined;

const traversal = 0.1;
const nominal: KubernetesCost = () => 1;

const ofFirst =
  (factor: number): KubernetesCost =>
  ([first]) =>
    first === undefined ? undefined : Math.ceil(costSize(first) * factor * traversal);

const pattern = (text: number, expression: number): number =>
  Math.ceil((1 + text) * traversal) * Math.ceil(expression * 0.25);

const find: KubernetesCost = ([text, expression]) => pattern(costSize(text as Value), costSize(expression as Value));

const selector: KubernetesCost = ([, text]) => {
  const length = costSize(text as Value);
  return 10 + Math.ceil(length * traversal) + Math.ceil(length * 0.5) * 50;
};

/** A format that bounds the pattern it stands for. */
export abstract class PatternedValue extends OpaqueValue {
  abstract readonly maximumPatternSize: number;
}

const validate: KubernetesCost = ([format, text]) =>
  format instanceof PatternedValue ? pattern(costSize(text as Value), format.maximumPatternSize) : undefined;

const byFunction: Readonly<Record<string, KubernetesCost>> = {
  check: () => 350_000,
  fieldSelector: selector,
  labelSelector: selector,
  find,
  findAll: find,
  validate,
  join: (_, result) => Math.ceil(costSize(result) * 2 * traversal),
  ...all(nominal, 'serviceAccount path group resource subresource namespace name allowed reason error errored'),
  ...all(([first]) => traversalCost(first as Value), 'isSorted sum max min indexOf lastIndexOf'),
  ...all(ofFirst(1), 'url lowerAscii upperAscii substring trim jsonpatch.escapeKey cidr isIP isCIDR'),
  ...all(ofFirst(1), 'quantity isQuantity semver isSemver'),
  ...all(ofFirst(2), 'replace split ip.isCanonical'),
  ...all(nominal, 'masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast'),
  ...all(nominal, 'isGlobalUnicast format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan'),
  ...all(nominal, 'compareTo add sub major minor patch getScheme getHostname getHost getPort getEscapedPath getQuery'),
};

function all(cost: KubernetesCost, names: string): Record<string, KubernetesCost> {
  return Object.fromEntries(names.split(' ').map((name) => [name, cost]));
}

/** Both compare no more of the addresses than the prefix covers; a text is read first. */
const containsAddress =
  (isText: boolean): KubernetesCost =>
  ([cidr, other]) => {
    const size = costSize(cidr as Value);
    return Math.ceil(2 * size * traversal) + (isText ? Math.ceil(costSize(other as Value) * traversal) : 0);
  };

const containsCidr =
  (isText: boolean): KubernetesCost =>
  (args, result) =>
    (containsAddress(isText)(args, result) as number) + Math.ceil(costSize(args[0] as Value) * traversal) + 1;

export function kubernetesCost(name: string, overload: string): KubernetesCost | undefined {
  switch (name) {
    case 'ip':
      return overload === 'cidr_ip' ? nominal : ofFirst(1);
    case 'containsIP':
      return containsAddress(overload === 'cidr_contains_ip_string');
    case 'containsCIDR':
      return containsCidr(overload === 'cidr_contains_cidr_string');
    default:
      return Object.hasOwn(byFunction, name) ? byFunction[name] : undefined;
  }
}

/** The size of everything in a value. Strings count by their UTF-8 bytes here. */
function traversalCost(value: Value): number {
  if (typeof value === 'string') return Math.trunc(utf8Length(value) * traversal);
  if (value instanceof BytesValue) return Math.trunc(value.value.length * traversal);
  if (value instanceof ListValue) return elements(value).reduce((sum: number, each) => sum + traversalCost(each), 0);
  if (!(value instanceof MapValue)) return 1;
  let cost = 0;
  for (const key of value.keys()) cost += traversalCost(key) + traversalCost(value.find(key) as Value);
  return cost;
}

const utf8Length = (text: string): number =>
  text.length === codePoints(text) && /^[\0-\x7f]*$/.test(text) ? text.length : new TextEncoder().encode(text).length;
