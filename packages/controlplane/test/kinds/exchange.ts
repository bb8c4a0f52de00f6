import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtinKinds } from '@setpoint/apimachinery/kinds';
import { parse } from 'yaml';

/** One request of a case, in the order in which they are sent. */
export interface Exchange {
  readonly name: string;
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET';
  readonly path: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
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
  const item = `${collection}/${encodeURIComponent(first.metadata.name)}`;
  const about = `${first.kind} ${first.metadata.name}`;
  const sent = Object.entries(one).map(([step, body]): Exchange => {
    const { method, path, type = 'application/json' } = steps[step] ?? { method: step as 'PUT', path: '' };
    const headers = { 'content-type': type, accept: 'application/json' };
    return { name: `${step} ${about}`, method, path: step === 'POST' ? collection : `${item}${path}`, body, headers };
  });
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  return [...sent, { name: `TABLE ${about}`, method: 'GET', path: item, body: undefined, headers: { accept } }];
}

/** Steps that are more than a method: a subresource, a patch. */
const steps: Readonly<Record<string, { method: Exchange['method']; path: string; type?: string }>> = {
  STATUS: { method: 'PUT', path: '/status' },
  PATCH: { method: 'PATCH', path: '', type: 'application/merge-patch+json' },
  'STATUS PATCH': { method: 'PATCH', path: '/status', type: 'application/merge-patch+json' },
};

/** Of a table only what a person sees: names of columns, and cells with the age taken out. */
function tableOf(table: {
  columnDefinitions: readonly { name: string }[];
  rows: readonly { cells: readonly unknown[] }[];
}) {
  const columns = table.columnDefinitions.map((column) => column.name);
  const cell = (value: unknown) => (typeof value === 'string' ? value.replace(/^\d+s$/, '<age>') : value);
  return { columns, rows: table.rows.map((row) => row.cells.map(cell)) };
}

/** Replaces uids, revisions, times and allocated addresses by names. */
export function normalise(value: unknown, name = ''): unknown {
  if (name === '' && (value as { kind?: string } | null)?.kind === 'Table')
    return normalise(tableOf(value as never), 'table');
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
      .replace(/:3[0-2]\d{3}\//g, ':<nodePort>/')
      .replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, name === 'table' || name === 'rows' ? '<time>' : value)
      .replace(/^10\.0\.0\.\d+$/, name === 'field' ? value : '<address>')
  );
}
