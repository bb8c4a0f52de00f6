import { sleep, systemClock } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import type { Client } from 'setpoint/client';
import {
  isApiError,
  isConflict,
  isConnectionError,
  isExpired,
  isInternalError,
  isNotFound,
  isServerTimeout,
  isServiceUnavailable,
  isTooManyRequests,
  isUnknownOutcome,
} from 'setpoint/errors';
import { Failure, sentenceOf } from '../failure.ts';
import type { Output } from '../output.ts';
import { type Definition, findDefinition, metadataOf, readableVersion, storageVersion } from './definition.ts';

/** Options of `migrateStorage`. */
export interface MigrationOptions {
  /** Writes under way at the same time. */
  readonly concurrency: number;
  readonly output: Output;
}

/** Enough to be limited by the server, and little enough that others get their turn. */
export const defaultConcurrency = 8;

/** Where a migration that was interrupted has to go on: what is newer was written since it began. */
const mark = 'setpoint.dev/storage-migration';
const fieldManager = 'setpoint-storage-migration';
const maximumAttempts = 5;
/** Before a write is tried again, in milliseconds; doubled each time. */
const firstPause = 200;
/** Objects between two lines about the progress. */
const told = 1000;
const maximumShown = 10;

/**
 * Writes every object of a CRD that may be stored in another version than the present storage version, and then says in
 * `status.storedVersions` that there is no other. An empty server-side apply, as that of Kubernetes' own
 * StorageVersionMigration (KEP-4192), changes nothing but how the object is stored; what others write meanwhile is
 * migrated by that. When interrupted, the next call goes on from there.
 *
 * @throws Failure if the CRD is not there, or some objects could not be written
 */
export async function migrateStorage(
  client: Client,
  name: string,
  { concurrency, output }: MigrationOptions,
): Promise<void> {
  const definition = await findDefinition(client, name);
  if (!definition) throw new Failure(`the CRD ${name} is not in the cluster: run \`setpoint install\` first`);
  const label = `customresourcedefinition.apiextensions.k8s.io/${name}`;
  const target = storageVersion(definition);
  const stored = definition.status?.storedVersions ?? [];
  if (stored.every((version) => version === target)) {
    output.out(`${label}: all objects are stored in ${target}\n`);
    return;
  }
  const version = readableVersion(definition);
  if (version === undefined) throw new Failure(`the CRD ${name} serves no version, so that its objects cannot be read`);
  const start = await begin(client, definition, version);
  const tally: Tally = { written: 0, seen: 0, failures: [] };
  await rewriteAll({ client, definition, version, start, concurrency, output, label, tally });
  const { written, failures } = tally;
  if (failures.length > 0) {
    const more = failures.length > maximumShown ? [`… and ${failures.length - maximumShown} more`] : [];
    throw new Failure(
      [
        `${failures.length} objects of ${name} could not be written, so that they may be stored in ${stored.join(', ')} still:`,
        ...failures.slice(0, maximumShown),
        ...more,
        'mend them and run the command again: it goes on with what is left',
      ].join('\n  '),
    );
  }
  await finish(client, definition, target);
  output.out(`${label}: ${written} objects written; all are stored in ${target}\n`);
}

/** The revision since which everything that is written is written in the storage version of this definition. */
async function begin(client: Client, { metadata, spec, ...rest }: Definition, version: string): Promise<bigint> {
  const { name = '', generation, annotations = {} } = metadata;
  const [since, of] = (annotations[mark] ?? '').split(' ');
  if (since && of === String(generation)) return BigInt(since);
  const { metadata: list } = await client.list(metadataOf({ spec, ...rest } as Definition, version), { limit: 1 });
  const revision = list.resourceVersion ?? '0';
  const body = { metadata: { annotations: { [mark]: `${revision} ${generation}` } } };
  await client.patch(CustomResourceDefinition, { name }, { type: 'merge', body });
  return BigInt(revision);
}

interface Tally {
  written: number;
  seen: number;
  readonly failures: string[];
}

interface Rewriting {
  readonly client: Client;
  readonly definition: Definition;
  readonly version: string;
  readonly start: bigint;
  readonly concurrency: number;
  readonly output: Output;
  readonly label: string;
  readonly tally: Tally;
}

/** A list that takes longer than its pages are kept is begun anew; what was written before is passed over then. */
async function rewriteAll(rewriting: Rewriting): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rewritePages(rewriting);
      return;
    } catch (error) {
      if (!isExpired(error) || attempt === maximumAttempts) throw error;
      rewriting.tally.failures.length = 0;
    }
  }
}

async function rewritePages(rewriting: Rewriting): Promise<void> {
  const { client, definition, version, start, concurrency, output, label, tally } = rewriting;
  const kind = metadataOf(definition, version);
  for await (const { items, remainingItemCount = 0 } of client.pages(kind)) {
    const old = (items as readonly KubeObject[]).filter(
      ({ metadata }) => BigInt(metadata.resourceVersion ?? '0') <= start,
    );
    const next = old.values();
    const worker = async () => {
      for (const object of next) {
        if (await rewrite(rewriting, object)) tally.written++;
        if (++tally.seen % told === 0)
          output.out(`${label}: ${tally.seen} objects, some ${remainingItemCount} follow\n`);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
  }
}

/** Whether it was this that wrote the object. UID and revision make a conflict of what happened to it meanwhile. */
async function rewrite({ client, definition, version, tally }: Rewriting, { metadata }: KubeObject): Promise<boolean> {
  const { name = '', namespace, uid, resourceVersion } = metadata;
  const { group, names } = definition.spec;
  const apiVersion = `${group}/${version}`;
  const body = {
    apiVersion,
    kind: names.kind,
    metadata: { name, ...(namespace ? { namespace } : {}), uid, resourceVersion },
  };
  for (let attempt = 1; ; attempt++) {
    try {
      const key = { name, ...(namespace ? { namespace } : {}) };
      await client.patch(metadataOf(definition, version), key, { type: 'apply', body }, { fieldManager });
      return true;
    } catch (error) {
      // Written, and so migrated, by somebody else; or gone.
      if (isConflict(error) || isNotFound(error)) return false;
      if (passes(error) && attempt < maximumAttempts) {
        await sleep(systemClock, firstPause * 2 ** attempt);
        continue;
      }
      if (!isApiError(error)) throw error;
      tally.failures.push(sentenceOf(error));
      return false;
    }
  }
}

/** What another attempt may get over; a repetition changes nothing that was done already. */
function passes(error: unknown): boolean {
  return [
    isServerTimeout,
    isServiceUnavailable,
    isTooManyRequests,
    isInternalError,
    isConnectionError,
    isUnknownOutcome,
  ].some((is) => is(error));
}

/** @throws Failure if the storage version has changed meanwhile */
async function finish(client: Client, { metadata: { name = '' } }: Definition, target: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const now = await findDefinition(client, name);
    if (!now || storageVersion(now) !== target)
      throw new Failure(`the CRD ${name} was changed while its objects were written; run the command again`);
    try {
      const metadata = { resourceVersion: now.metadata.resourceVersion };
      const body = { metadata, status: { storedVersions: [target] } };
      await client.patch(CustomResourceDefinition, { name }, { type: 'merge', body }, { subresource: 'status' });
      break;
    } catch (error) {
      if (!isConflict(error) || attempt === maximumAttempts) throw error;
    }
  }
  const body = { metadata: { annotations: { [mark]: null } } };
  await client.patch(CustomResourceDefinition, { name }, { type: 'merge', body });
}
