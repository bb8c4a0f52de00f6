import type { Exchange } from './recorder.ts';

/** The headers that clients act on. */
const comparedHeaders = [
  'content-type',
  'warning',
  'retry-after',
  'cache-control',
  'location',
  'allow',
  'vary',
  'x-content-type-options',
];

/** A generated name keeps so many characters of its base. */
const longestBase = 58;

/** Behind "spec: Forbidden: pod updates may not …": the real server's internal struct before and after, as a diff. */
const structDifference = /\n@@ -\d[\s\S]*$/;

/** Behind "spec.template: Invalid value: {…}: field is immutable": the real server's internal struct. */
const immutableTemplate =
  /(spec\.template(?:\.spec)?: )?Invalid value: \{.*"[Tt]erminationGracePeriodSeconds".*\}: field is immutable/g;

/**
 * Makes two recordings of one scenario comparable: what differs between any two servers (uids, times, revisions,
 * generated suffixes, addresses) is replaced by where it first appeared, so that a value that should be the same
 * twice, or should have changed, still shows.
 */
export function normalise(exchanges: readonly Exchange[]): readonly unknown[] {
  const revisions = rankRevisions(exchanges);
  const uids = new Map<string, string>();
  const names = new Map<string, string>();
  const ports = new Map<string, string>();
  const bundles = new Map<string, string>();

  const value = (input: unknown, key: string, parent: Readonly<Record<string, unknown>>): unknown => {
    if (Array.isArray(input)) {
      return inComparableOrder(input, key, parent).map((item) => value(item, key, parent));
    }
    if (input !== null && typeof input === 'object') return object(input as Record<string, unknown>);
    if ((key === 'nodePort' || key === 'healthCheckNodePort') && typeof input === 'number')
      return remember(ports, String(input), 'node-port');
    if (typeof input !== 'string') return input;
    if (key === 'token' && jsonWebToken.test(input)) return object(claimsOf(input));
    if (key === 'caBundle' && input !== '') return remember(bundles, input, 'bundle');
    if (key === 'uid' && input !== '') return remember(uids, input, 'uid');
    if (key === 'resourceVersion' && input !== '') return revisions(input, isListMeta(parent));
    if (key === 'continue' && input !== '') return continueToken(input);
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(input)) return input.includes('.') ? 'micro-time' : 'time';
    if (key === 'cells' && /^\d+s$/.test(input)) return 'a short age';
    if (key === 'clusterIP' || key === 'clusterIPs') return input === 'None' || input === '' ? input : 'cluster-ip';
    return text(input);
  };
  const text = (input: string) => {
    let output = input;
    for (const [name, stand] of names) output = output.replaceAll(name, stand);
    return output
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'time')
      .replaceAll(/\b[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\b/g, (uid) => remember(uids, uid, 'uid'))
      .replaceAll(/X509SHA256=[\da-f]{64}/g, 'X509SHA256=…')
      .replaceAll(/\bselfType\d+/g, 'selfType')
      .replaceAll(/(resource version: )\d+( \(\d+\))?/g, '$1…')
      .replaceAll(/(, current: )\d+/g, '$1…')
      .replaceAll(/(ResourceVersion: )\d+/g, '$1…')
      .replaceAll(/(ResourceVersion in record \()\d+/g, '$1…')
      .replaceAll(/(ResourceVersion in object meta: )\d+/g, '$1…')
      .replaceAll(/(\\"resourceVersion\\":\\")(\d+)/g, (_, before, revision) => before + revisions(revision, false))
      .replaceAll(/(\n {2}resourceVersion: ")(\d+)/g, (_, before, revision) => before + revisions(revision, false))
      .replaceAll(/10\.0\.0\.\d+/g, 'cluster-ip')
      .replace(structDifference, (difference) => (difference.endsWith(']') ? ']' : ''))
      .replace(immutableTemplate, '$1Invalid value: …: field is immutable')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'server');
  };
  const object = (given: Record<string, unknown>): unknown => {
    const input = withoutChance(given);
    const meta = input as { generateName?: unknown; name?: unknown };
    if (
      typeof meta.generateName === 'string' &&
      typeof meta.name === 'string' &&
      meta.name.startsWith(meta.generateName.slice(0, longestBase))
    ) {
      if (!names.has(meta.name)) names.set(meta.name, `${meta.generateName.slice(0, longestBase)}<${names.size + 1}>`);
    }
    const keys = Object.keys(input).sort();
    return Object.fromEntries(keys.map((key) => [isItem(key) ? text(key) : key, value(input[key], key, input)]));
  };

  return exchanges.map((exchange) => ({
    title: text(exchange.title).replaceAll(/(resourceVersion=|continue=ey)[\w-]+/g, '$1…'),
    status: exchange.status,
    headers: Object.fromEntries(
      comparedHeaders.flatMap((name) =>
        name in exchange.headers
          ? [[name, name === 'warning' ? inOrder(exchange.headers[name]) : exchange.headers[name]]]
          : [],
      ),
    ),
    body: value(exchange.body, '', {}),
  }));
}

/** Rules that fail where nothing changed are found in the order of Go's maps. */
function inOrder(warnings: unknown): unknown {
  if (typeof warnings !== 'string' || !warnings.includes(' value: ')) return warnings;
  return warnings
    .split(/, (?=299 - )/)
    .sort()
    .join(', ');
}

const jsonWebToken = /^ey[\w-]+\.ey[\w-]+\.[\w-]+$/;

/** What a token says: its key and signature are each server's own, its times count from when it was made. */
function claimsOf(token: string): Record<string, unknown> {
  const [, payload = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  const { exp, iat, nbf, jti, 'kubernetes.io': bound = {}, ...rest } = claims;
  const warnAfter = bound.warnafter === undefined ? {} : { warnafter: bound.warnafter - iat };
  return { ...rest, exp: exp - iat, nbf: nbf - iat, jti: typeof jti, bound: { ...bound, ...warnAfter } };
}

/** Groups that are not compared are left out; owners of fields come in the order of the seconds in which they wrote. */
function inComparableOrder(list: readonly unknown[], key: string, parent: Readonly<Record<string, unknown>>) {
  if (key === 'managedFields') return list.toSorted((a, b) => (sayOwner(a) < sayOwner(b) ? -1 : 1));
  return key === 'groups' && parent.kind === 'APIGroupList'
    ? (list as { readonly name: string }[]).filter(isComparedGroup)
    : list;
}

function sayOwner(entry: unknown): string {
  const { operation, manager, apiVersion, subresource } = (entry ?? {}) as Record<string, unknown>;
  return JSON.stringify([operation, manager, apiVersion, subresource]);
}

/** A key of FieldsV1 that holds values of the object: of an owner reference, its uid. */
function isItem(key: string): boolean {
  return key.startsWith('k:') || key.startsWith('v:');
}

/** What is in another order each time. */
function withoutChance(input: Record<string, unknown>): Record<string, unknown> {
  if (input.kind === 'Status') return withSortedCauses(input);
  return input.kind === 'CustomResourceDefinition' ? withSortedConditions(input) : input;
}

/** Several controllers of the real server write conditions of a definition, whoever comes first. */
function withSortedConditions(definition: Record<string, unknown>): Record<string, unknown> {
  const { status } = definition as { status?: { conditions?: readonly { readonly type: string }[] } };
  const conditions = status?.conditions?.toSorted((a, b) => (a.type < b.type ? -1 : 1));
  return conditions ? { ...definition, status: { ...status, conditions } } : definition;
}

/** Schema errors come in the order of a Go map, which is another one each time: causes and message are sorted. */
function withSortedCauses(status: Status): Record<string, unknown> {
  const causes = status.details?.causes?.toSorted((a, b) => (sayCause(a) < sayCause(b) ? -1 : 1)) ?? [];
  if (causes.length < 2) return { ...status, ...(status.message ? { message: withSortedLines(status.message) } : {}) };
  const said = [...new Set(causes.map(sayCause))];
  const { message = '' } = status;
  const list = message.indexOf('[', message.indexOf(' is invalid: '));
  const sorted = `${message.slice(0, list)}[${said.join(', ')}]`;
  // A message that says something else than its causes stays as it is.
  const isList = sorted.length === message.length && said.every((cause) => message.includes(cause));
  return { ...status, message: isList ? sorted : message, details: { ...status.details, causes } };
}

/** What is wrong with the types of an object, a line each, comes in such an order, too. */
function withSortedLines(message: string): string {
  const [head = '', ...lines] = message.split(/\n {2}(?=\.)/);
  return head.endsWith('errors:') ? [head, ...lines.sort()].join('\n  ') : message;
}

interface Status {
  readonly message?: string;
  readonly details?: { readonly causes?: readonly Cause[] };
}

interface Cause {
  readonly field?: string;
  readonly message?: string;
}

function sayCause({ field, message }: Cause): string {
  return `${field}: ${message}`;
}

function remember(seen: Map<string, string>, input: string, word: string): string {
  const known = seen.get(input) ?? `${word}-${seen.size + 1}`;
  seen.set(input, known);
  return known;
}

/** The metadata of a list has no name; its revision is the store's, which other writers move on a real server. */
function isListMeta(meta: Readonly<Record<string, unknown>>): boolean {
  return !('name' in meta) && !('uid' in meta) && !('creationTimestamp' in meta);
}

/** Objects' revisions become their ranks, so that order and equality are compared; a list's is only checked to be one. */
function rankRevisions(exchanges: readonly Exchange[]): (revision: string, ofList: boolean) => string {
  const found = new Set<string>();
  const collect = (input: unknown): void => {
    if (input === null || typeof input !== 'object') return;
    for (const [key, inner] of Object.entries(input)) {
      if (key === 'resourceVersion' && typeof inner === 'string' && /^\d+$/.test(inner)) {
        if (!isListMeta(input as Record<string, unknown>)) found.add(inner);
      } else collect(inner);
    }
  };
  collect(exchanges.map((exchange) => exchange.body));
  const ranked = [...found].sort((a, b) => Number(BigInt(a) - BigInt(b)));
  return (revision, ofList) => {
    if (!/^\d+$/.test(revision) || revision === '0') return revision;
    if (ofList) return 'a list revision';
    const rank = ranked.indexOf(revision) + 1;
    return rank > 0 ? `revision ${rank}` : 'another revision';
  };
}

function continueToken(token: string): unknown {
  const decoded = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  return { ...decoded, rv: decoded.rv === -1 ? -1 : 'revision' };
}

/** Groups of custom resources come and go with the scenarios that run beside. */
function isComparedGroup({ name }: { readonly name: string }): boolean {
  return !name.endsWith('.conformance.setpoint.dev');
}
