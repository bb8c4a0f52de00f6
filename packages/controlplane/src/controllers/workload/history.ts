import { compareBytes, stringifyJson } from '@setpoint/apimachinery/json';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { type ControllerContext, isStatus } from '../host/index.ts';
import { controllerReference } from './claim.ts';
import { safeText } from './template-hash.ts';

/** Longest part of a revision's name that is its owner's. */
const longestPrefix = 223;

/** What a ControllerRevision keeps of an object: the patch that brings its template back. */
export function templatePatch(owner: MutableObject): object {
  return sorted({ spec: { template: { ...owner.spec.template, $patch: 'replace' } } }) as object;
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).sort(([a], [b]) => compareBytes(a, b));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}

/** The hash of a revision's data: FNV-1 of 32 bits, as letters. */
export function revisionHash(data: object, collisionCount: number | undefined): string {
  let hash = 0x811c9dc5;
  const text = `${stringifyJson(data)}${collisionCount ?? ''}`;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash, 0x01000193) ^ byte;
  return safeText(String(hash >>> 0));
}

export function revisionName(owner: KubeObject, hash: string): string {
  return `${(owner.metadata.name ?? '').slice(0, longestPrefix)}-${hash}`;
}

export function byRevisionNumber(a: MutableObject, b: MutableObject): number {
  return (
    a.revision - b.revision ||
    Date.parse(a.metadata.creationTimestamp ?? '') - Date.parse(b.metadata.creationTimestamp ?? '') ||
    (String(a.metadata.name) < String(b.metadata.name) ? -1 : 1)
  );
}

export function sameData(revision: MutableObject, data: object): boolean {
  return deepEqual(revision.data, data);
}

export interface NewRevision {
  readonly owners: ServedResource;
  readonly owner: MutableObject;
  readonly data: object;
  readonly hash: string;
  readonly revision: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** Stores a revision. Undefined: another one with other data has its name. */
export async function storeRevision(
  { client, resource }: ControllerContext,
  { owners, owner, data, hash, revision, labels }: NewRevision,
): Promise<MutableObject | undefined> {
  const revisions = resource('apps', 'v1', 'controllerrevisions');
  const { namespace = '', annotations } = owner.metadata;
  const name = revisionName(owner, hash);
  const metadata = {
    name,
    namespace,
    labels,
    ...(annotations ? { annotations } : {}),
    ownerReferences: [controllerReference(owners, owner)],
  };
  try {
    return (await client.create(revisions, { metadata, data, revision })) as MutableObject;
  } catch (error) {
    if (!isStatus(error, 409)) throw error;
    const there = client.get(revisions, namespace, name) as MutableObject | undefined;
    if (there && sameData(there, data)) return there;
    return undefined;
  }
}

/** The same state again, as the latest one. */
export async function renumber({ client, resource }: ControllerContext, revision: MutableObject, to: number) {
  if (revision.revision === to) return revision;
  const revisions = resource('apps', 'v1', 'controllerrevisions');
  const { namespace = '', name = '', uid = '' } = revision.metadata;
  const change = (object: MutableObject) => {
    object.revision = to;
    return true;
  };
  return (await client.update(revisions, namespace, name, change, { uid })) as MutableObject;
}
