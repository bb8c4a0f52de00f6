import type { CallEstimate, CallToEstimate, CostNode } from './cost-model.ts';
import { sizeOfNode } from './cost-model.ts';
import { add, costs, fixed, multiply, type Range, scale, unbounded } from './ranges.ts';

const one: CallEstimate = { cost: fixed(1n) };
const check: CallEstimate = { cost: fixed(350_000n) };
const traversal = costs.stringTraversal;

/** Bytes of an address. */
const addressSize: Range = { min: 4n, max: 16n };
const maxFormatSize = 64n;
const maxNameFormatRegexSize = 128;

const unitFunctions: ReadonlySet<string> = new Set(
  [
    'serviceAccount path group resource subresource namespace name allowed reason error errored',
    'masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast',
    'sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub major minor patch',
    'getScheme getHostname getHost getPort getEscapedPath getQuery format.named',
  ].flatMap((names) => names.split(' ')),
);

type Estimator = (call: CallToEstimate, size: (node: CostNode) => Range) => CallEstimate | undefined;

/** A list's elements as a node; undefined for what is no list. */
const elementsOf = (list: CostNode): CostNode | undefined => {
  const type = list.type.parameters[0];
  if (type === undefined) return undefined;
  const path = list.path === undefined ? undefined : [...list.path, '@items'];
  return { path, type, expr: undefined, size: undefined };
};

const parsed: Estimator = ({ args }, size) =>
  args[0] === undefined ? undefined : { cost: scale(size(args[0]), traversal) };

const parsedToResult: Estimator = ({ args }, size) => {
  if (args.length !== 1) return undefined;
  const resultSize = size(args[0] as CostNode);
  return { cost: scale(resultSize, traversal), resultSize };
};

const changed: Estimator = ({ target }, size) => {
  if (target === undefined) return undefined;
  const resultSize = size(target);
  return { cost: scale(resultSize, traversal), resultSize };
};

const selector: Estimator = ({ args }, size) => {
  if (args.length !== 1) return undefined;
  const length = size(args[0] as CostNode);
  const requirements = scale(scale(length, 0.5), Number(costs.createList + costs.createStruct));
  return { cost: add(fixed(costs.createList), scale(length, traversal), requirements) };
};

const walked: Estimator = ({ target }, size) => {
  if (target === undefined) return undefined;
  const elements = elementsOf(target);
  if (elements === undefined) return { cost: scale(size(target), traversal) };
  const text = elements.type.kind === 'string' || elements.type.kind === 'bytes';
  const each = text ? add(fixed(1n), scale(size(elements), traversal)) : fixed(1n);
  return { cost: multiply(size(target), each) };
};

const ceilDivide = (a: bigint, b: bigint): bigint => {
  const quotient = Math.ceil(Number(a) / Number(b));
  return quotient >= 2 ** 64 ? unbounded : BigInt(quotient);
};

/** How often something is replaced, and what is left of the text around, for one end of the range. */
const replacements = (length: bigint, from: bigint, shrinks: boolean): { count: bigint; kept: bigint } => {
  if (from === 0n) return { count: length < unbounded ? length + 1n : length, kept: length };
  return shrinks ? { count: 0n, kept: length } : { count: ceilDivide(length, from), kept: 0n };
};

const replace: Estimator = ({ target, args }, size) => {
  const [from, to] = args;
  if (target === undefined || from === undefined || to === undefined) return undefined;
  const [length, search, replacement] = [size(target), size(from), size(to)];
  const most = replacements(length.max, search.min, replacement.max <= search.min);
  const least = replacements(length.min, search.max, search.max <= replacement.min);
  const resultSize = add(multiply({ min: least.count, max: most.count }, replacement), {
    min: least.kept,
    max: most.kept,
  });
  return { cost: scale(length, 2 * traversal), resultSize };
};

const split: Estimator = ({ target, args }, size) => {
  if (target === undefined) return undefined;
  const length = size(target);
  const limit = args[1]?.expr;
  const limited =
    limit?.kind === 'literal' && limit.value.kind === 'int' ? BigInt.asUintN(64, limit.value.value) : length.max;
  return { cost: scale(length, 2 * traversal), resultSize: { min: 0n, max: limited } };
};

const join: Estimator = ({ target, args }, size) => {
  if (target === undefined) return undefined;
  const elements = elementsOf(target);
  const count = size(target);
  let resultSize = elements === undefined ? fixed(0n) : multiply(count, size(elements));
  if (args[0] !== undefined) {
    const between = { min: count.min > 0n ? count.min - 1n : 0n, max: count.max > 0n ? count.max - 1n : 0n };
    resultSize = add(resultSize, multiply(size(args[0]), between));
  }
  return { cost: scale(resultSize, traversal), resultSize };
};

const find: Estimator = ({ target, args }, size) => {
  if (target === undefined || args[0] === undefined) return undefined;
  const length = size(target);
  const text = scale(add(length, fixed(1n)), traversal);
  const pattern = scale(size(args[0]), costs.regexLength);
  return { cost: multiply(text, pattern), resultSize: { min: 0n, max: length.max } };
};

const compareAddresses = scale(add(addressSize, addressSize), traversal);

const containsIp: Estimator = ({ overloadId, args }, size) => {
  if (args[0] === undefined) return undefined;
  const text = overloadId === 'cidr_contains_ip_string' ? scale(size(args[0]), traversal) : fixed(0n);
  return { cost: add(compareAddresses, text) };
};

const containsCidr: Estimator = ({ overloadId, args }, size) => {
  if (args[0] === undefined) return undefined;
  const text = overloadId === 'cidr_contains_cidr_string' ? scale(size(args[0]), traversal) : fixed(0n);
  return { cost: add(compareAddresses, scale(addressSize, traversal), fixed(1n), text) };
};

const validate: Estimator = ({ args }, size) => {
  if (args[0] === undefined) return undefined;
  return { cost: scale(scale(size(args[0]), traversal), maxNameFormatRegexSize * costs.regexLength) };
};

const unitEquality: ReadonlySet<string> = new Set([
  'net.IP',
  'net.CIDR',
  'kubernetes.Quantity',
  'kubernetes.Semver',
  ...['Authorizer', 'PathCheck', 'GroupCheck', 'ResourceCheck', 'Decision'].map(
    (name) => `kubernetes.authorization.${name}`,
  ),
]);

const equals: Estimator = ({ args }) => {
  const [left, right] = args;
  if (left === undefined || right === undefined || left.type.name !== right.type.name) return undefined;
  const { kind, name } = left.type;
  if (kind !== 'opaque' && kind !== 'struct') return undefined;
  if (unitEquality.has(name)) return one;
  if (name === 'kubernetes.NamedFormat') return { cost: scale({ min: 1n, max: maxFormatSize }, traversal) };
  if (name !== 'kubernetes.URL') return undefined;
  // Both sides are measured by the right one, as upstream does.
  return { cost: scale({ min: 1n, max: right.size?.max ?? 1n }, traversal) };
};

const estimators: ReadonlyMap<string, Estimator> = new Map<string, Estimator>([
  ['check', () => check],
  ['fieldSelector', selector],
  ['labelSelector', selector],
  ...['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf'].map((name): [string, Estimator] => [name, walked]),
  ['url', parsedToResult],
  ['jsonpatch.escapeKey', parsedToResult],
  ...['lowerAscii', 'upperAscii', 'substring', 'trim'].map((name): [string, Estimator] => [name, changed]),
  ['replace', replace],
  ['split', split],
  ['join', join],
  ['find', find],
  ['findAll', find],
  ...['cidr', 'isIP', 'isCIDR', 'quantity', 'isQuantity', 'semver', 'isSemver'].map((name): [string, Estimator] => [
    name,
    parsed,
  ]),
  ['ip', (call, size) => (call.overloadId === 'cidr_ip' ? one : parsed(call, size))],
  [
    'ip.isCanonical',
    ({ args }, size) => (args[0] === undefined ? undefined : { cost: scale(size(args[0]), 2 * traversal) }),
  ],
  ['containsIP', containsIp],
  ['containsCIDR', containsCidr],
  ['validate', validate],
  ['_==_', equals],
]);

/** The costs of Kubernetes' functions and of those of extensions it gives costs to; undefined for all others. */
export const kubernetesCallCost = (call: CallToEstimate): CallEstimate | undefined => {
  if (unitFunctions.has(call.function)) return one;
  return estimators.get(call.function)?.(call, (node) => sizeOfNode(node, call.sizes));
};
