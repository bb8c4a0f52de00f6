import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtinKinds } from '@setpoint/apimachinery/kinds';
import { parse } from 'yaml';

/** One request of a case, in the order in which they are sent. */
export interface Exchange {
  readonly name: string;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body: unknown;
}

/** What a server said, without what differs between two servers by nature. */
export interface Answer {
  readonly status: number;
  readonly warnings: readonly string[];
  readonly body: unknown;
}

const namespace = 'kinds-fixtures';

interface Given {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** All requests of cases.yaml, with their paths worked out. */
export function readExchanges(): readonly Exchange[] {
  const cases = parse(readFileSync(join(import.meta.dirname, 'cases.yaml'), 'utf8'));
  return (cases as Readonly<Record<string, Given>>[]).flatMap((one) => exchangesOf(one));
}

function exchangesOf(one: Readonly<Record<string, Given>>): Exchange[] {
  const first = one.POST as Given;
  const [group, version] = first.apiVersion.includes('/') ? first.apiVersion.split('/') : ['', first.apiVersion];
  const kind = builtinKinds.find(
    (fact) => fact.kind === first.kind && fact.group === group && fact.version === version,
  );
  if (!kind) throw new Error(`no built-in kind ${first.apiVersion} ${first.kind}`);
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const collection = kind.namespaced ? `${root}/namespaces/${namespace}/${kind.plural}` : `${root}/${kind.plural}`;
  return Object.entries(one).map(([method, body]) => ({
    name: `${method} ${first.kind} ${first.metadata.name}`,
    method: method as Exchange['method'],
    path: method === 'POST' ? collection : `${collection}/${encodeURIComponent(first.metadata.name)}`,
    body,
  }));
}

/** Replaces uids, revisions, times and allocated addresses by names. */
export function normalise(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => normalise(item, name));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([key]) => key !== 'managedFields');
    return Object.fromEntries(entries.map(([key, item]) => [key, normalise(item, key)]));
  }
  if (name === 'resourceVersion' || name === 'creationTimestamp' || name === 'deletionTimestamp') return `<${name}>`;
  if (name === 'lastPhaseTransitionTime' || name === 'lastTransitionTime') return `<${name}>`;
  if (name === 'nodePort' || name === 'healthCheckNodePort') return `<${name}>`;
  if (typeof value !== 'string') return value;
  return (
    value
      // The difference between two Go structs that follows is nobody's interface.
      .replace(/(previously negative\))\n[\s\S]*$/, '$1')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>')
      .replace(/^10\.0\.0\.\d+$/, name === 'field' ? value : '<address>')
  );
}
