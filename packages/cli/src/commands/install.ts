import { sleep, systemClock } from '@setpoint/apimachinery/clock';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import type { Client } from 'setpoint/client';
import { isAlreadyExists, isConflict } from 'setpoint/errors';
import type { CrdManifest } from 'setpoint/manifests';
import { Failure } from '../failure.ts';
import type { Output } from '../output.ts';
import {
  convertsByName,
  type Definition,
  defaultConcurrency,
  findDefinition,
  keepExistingObjects,
  migrateStorage,
  storageVersion,
} from '../storage/index.ts';
import { type ClusterFlags, interval, nameOf, prepare } from './cluster.ts';
import { droppedVersions, explainRefusal, keepStoredVersions } from './crd-refusals.ts';

const maximumAttempts = 5;

export interface InstallFlags extends ClusterFlags {
  /** Although objects that are there would be invalid, or lose fields. */
  readonly force?: boolean;
  /** Write all objects in the storage version. */
  readonly migrate?: boolean;
}

/** Creates each CRD or makes the one that is there say the same; returns once all are served. */
export async function install(flags: InstallFlags, output: Output): Promise<void> {
  const { manifests, client, timeout } = await prepare(flags);
  await using _ = client;
  await keepExistingObjects(client, manifests, { force: flags.force === true, output });
  for (const manifest of manifests) {
    const name = manifest.metadata.name ?? '';
    const present = flags.migrate ? await findDefinition(client, name) : undefined;
    const step = present && betweenVersions(manifest, present);
    for (const definition of step ? [step, manifest] : [manifest]) {
      const what = await put(client, definition).catch((error: unknown) => {
        throw explainRefusal(manifest, error);
      });
      await established(client, manifest, timeout);
      output.out(`${nameOf(manifest)} ${what}\n`);
      if (flags.migrate && definition === (step ?? manifest))
        await migrateStorage(client, name, { concurrency: defaultConcurrency, output });
    }
    if (!flags.migrate) await tellOfOldVersions(client, manifest, output);
  }
}

/**
 * The new definition with the versions that it leaves out, for as long as objects are stored in them. Undefined where
 * that is not needed, or not possible: nobody converts from a version that the operator does not know any more.
 */
function betweenVersions(manifest: CrdManifest, present: Definition): CrdManifest | undefined {
  const dropped = droppedVersions(manifest, present);
  if (dropped.length === 0 || !convertsByName(manifest) || !convertsByName(present)) return undefined;
  const kept = present.spec.versions
    .filter(({ name }) => dropped.includes(name))
    .map((version) => ({ ...version, storage: false }) as unknown as CrdManifest['spec']['versions'][number]);
  return { ...manifest, spec: { ...manifest.spec, versions: [...manifest.spec.versions, ...kept] } };
}

async function tellOfOldVersions(client: Client, { metadata, spec }: CrdManifest, output: Output): Promise<void> {
  const target = storageVersion({ spec });
  const { status } = await client.get(CustomResourceDefinition, { name: metadata.name ?? '' });
  const old = (status?.storedVersions ?? []).filter((version) => version !== target);
  if (old.length === 0) return;
  const what = `objects may be stored in ${old.join(', ')} still; \`setpoint migrate-storage\` writes them in ${target}`;
  output.out(`${metadata.name}: ${what}\n`);
}

type Written = 'created' | 'configured' | 'unchanged';

async function put(client: Client, manifest: CrdManifest): Promise<Written> {
  try {
    await client.create(CustomResourceDefinition, manifest as never);
    return 'created';
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await update(client, manifest);
    } catch (error) {
      // The server itself writes names and conditions into a new definition.
      if (!isConflict(error) || attempt === maximumAttempts) throw error;
    }
  }
}

/** Makes the definition that is there say the same; `dryRun`: only tells whether there is anything to change. */
export async function update(client: Client, manifest: CrdManifest, dryRun = false): Promise<Written> {
  const name = manifest.metadata.name ?? '';
  const before = await client.get(CustomResourceDefinition, { name });
  keepStoredVersions(manifest, before);
  const metadata = {
    ...before.metadata,
    annotations: { ...before.metadata.annotations, ...manifest.metadata.annotations },
    labels: { ...before.metadata.labels, ...manifest.metadata.labels },
  };
  const next = { ...before, metadata, spec: withBundle(manifest.spec, before.spec) };
  const after = await client.update(CustomResourceDefinition, next as never, { dryRun });
  // Of a dry run, the revision says nothing.
  return (!dryRun && after.metadata.resourceVersion === before.metadata.resourceVersion) ||
    deepEqual(before.spec as never, after.spec as never)
    ? 'unchanged'
    : 'configured';
}

interface Conversion {
  readonly conversion?: { readonly webhook?: { readonly clientConfig?: { readonly caBundle?: string } } };
}

/** The operator has put into a definition whom to trust: that stays as long as nobody says otherwise. */
function withBundle(spec: CrdManifest['spec'], before: object): CrdManifest['spec'] {
  const { conversion } = spec as Conversion;
  const bundle = (before as Conversion).conversion?.webhook?.clientConfig?.caBundle;
  const { webhook } = conversion ?? {};
  if (bundle === undefined || !webhook || webhook.clientConfig?.caBundle !== undefined) return spec;
  const clientConfig = { ...webhook.clientConfig, caBundle: bundle };
  return { ...spec, conversion: { ...conversion, webhook: { ...webhook, clientConfig } } };
}

/** Waits until the server serves a definition. */
export async function established(client: Client, { metadata }: CrdManifest, timeout: number): Promise<void> {
  const name = metadata.name ?? '';
  const deadline = systemClock.monotonic() + timeout;
  for (;;) {
    const { status } = await client.get(CustomResourceDefinition, { name });
    const conditions = status?.conditions ?? [];
    if (conditions.some((condition) => condition.type === 'Established' && condition.status === 'True')) return;
    const refused = conditions.find((condition) => condition.type === 'NamesAccepted' && condition.status === 'False');
    if (refused)
      throw new Failure(`the cluster does not accept the CRD ${name}: ${refused.message} (${refused.reason})`);
    if (systemClock.monotonic() > deadline) {
      const said = conditions.map(({ type, status, message }) => `${type}=${status} (${message})`).join(', ');
      throw new Failure(
        `the CRD ${name} was not established within ${timeout / 1000} s: ${said || 'it has no conditions'}`,
      );
    }
    await sleep(systemClock, interval);
  }
}
