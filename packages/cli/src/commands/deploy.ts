import { systemClock } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Client } from 'setpoint/client';
import { plainManifests } from 'setpoint/deployment';
import { isApiError } from 'setpoint/errors';
import type { CrdManifest } from 'setpoint/manifests';
import { planDeployment, webhookProbes } from '../deployment/index.ts';
import { Failure, sentenceOf } from '../failure.ts';
import {
  find,
  type Inventory,
  identityOf,
  labelOf,
  managedBy,
  type Reference,
  readInventory,
  referenceOf,
  removeManaged,
  rolledOut,
  webhooksAnswer,
  writeInventory,
} from '../installation/index.ts';
import type { Output } from '../output.ts';
import { findProject } from '../project.ts';
import { keepExistingObjects } from '../storage/index.ts';
import { type ClusterFlags, connect, durationOf } from './cluster.ts';
import { explainRefusal, keepStoredVersions, type StoredCrd } from './crd-refusals.ts';
import { established } from './install.ts';

export interface DeployFlags extends ClusterFlags {
  /** Instead of the one in the project's configuration. */
  readonly image?: string;
  /** Instead of the one in the project's configuration. */
  readonly namespace?: string;
  /** Although objects that are there would be invalid, or lose fields. */
  readonly force?: boolean;
  /** Deletes CRDs, too, that this version has no more, and with them all objects of their kinds. */
  readonly pruneCrds?: boolean;
}

/** Who owns the fields of what is deployed. */
export const deployManager = 'setpoint-deploy';

/**
 * Applies all that the operator consists of, waits until its Deployment is available and its webhooks answer, and then
 * deletes what an earlier `deploy` installed and this one does not.
 */
export async function deploy(flags: DeployFlags, output: Output): Promise<void> {
  const timeout = durationOf(flags.timeout);
  const { image, namespace: place } = flags;
  const overrides = { ...(image ? { image } : {}), ...(place ? { namespace: place } : {}) };
  const { declared, operator, settings, parts } = await planDeployment(findProject(flags.project), overrides);
  const { namespace } = settings;
  const manifests = plainManifests(parts);
  await using client = await connect(flags, deployManager);

  const before = await readInventory(client, operator.name);
  if (before && before.namespace !== namespace) {
    throw new Failure(
      `${operator.name} is deployed in the namespace ${before.namespace}: run \`setpoint undeploy\` before it goes to ${namespace}`,
    );
  }
  const theirs = await namespaceOfOthers(client, namespace, before);
  const objects = manifests.filter((object) => !(theirs && object.kind === 'Namespace'));
  if (theirs) output.out(`namespace/${namespace} was there before and is left as it is\n`);

  const crds = objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
  await keepExistingObjects(client, crds as readonly KubeObject[] as readonly CrdManifest[], {
    force: flags.force === true,
    output,
  });

  const references = objects.map(referenceOf);
  const wanted = new Set(references.map(identityOf));
  const surplus = (before?.objects ?? []).filter((reference) => !wanted.has(identityOf(reference)));
  const inventory = { namespace, objects: [...references, ...surplus] };
  let noted = false;
  for (const object of objects) {
    // Where it is kept has to be there first; from then on nothing that is applied is forgotten.
    if (!noted && object.kind !== 'Namespace') {
      await writeInventory(client, operator.name, inventory);
      noted = true;
    }
    await apply(client, object, timeout, output);
  }
  for (const { kind, name } of references) {
    if (kind === 'Deployment') await rolledOut({ client, namespace, name, timeout, output });
  }
  const { objects: probes, names } = webhookProbes(declared, objects);
  if (probes.length > 0) await webhooksAnswer({ client, name: operator.name, objects: probes, names, timeout, output });
  const deadline = systemClock.monotonic() + timeout;
  const kept = await prune(client, surplus, { all: flags.pruneCrds === true, deadline, output });
  await writeInventory(client, operator.name, { namespace, objects: [...references, ...kept] });
}

/** A namespace that somebody else made, and that must not go with the operator. */
async function namespaceOfOthers(client: Client, namespace: string, before: Inventory | undefined): Promise<boolean> {
  if (before) return !before.objects.some(({ kind, name }) => kind === 'Namespace' && name === namespace);
  const present = await find(client, { apiVersion: 'v1', kind: 'Namespace', name: namespace });
  const [[label, value]] = Object.entries(managedBy) as [[string, string]];
  return present !== undefined && present.metadata.labels?.[label] !== value;
}

async function apply(client: Client, object: KubeObject, timeout: number, output: Output): Promise<void> {
  const reference = referenceOf(object);
  const { apiVersion, kind, namespace, name } = reference;
  const isCrd = kind === 'CustomResourceDefinition';
  const before = await find(client, reference);
  if (isCrd && before) keepStoredVersions(object as CrdManifest, before as StoredCrd);
  const metadata = { ...object.metadata, labels: { ...object.metadata.labels, ...managedBy } };
  try {
    const body = { ...object, metadata };
    const after = await client.patch({ apiVersion, kind }, { namespace, name }, { type: 'apply', body, force: true });
    const same = before?.metadata.resourceVersion === after.metadata.resourceVersion;
    output.out(`${labelOf(reference)} ${before ? (same ? 'unchanged' : 'configured') : 'created'}\n`);
  } catch (error) {
    const explained = isCrd ? explainRefusal(object as CrdManifest, error) : error;
    if (explained instanceof Failure || !isApiError(error)) throw explained;
    throw new Failure(`${labelOf(reference)} was not applied: ${sentenceOf(error)}`, { cause: error });
  }
  if (isCrd) await established(client, object as CrdManifest, timeout);
}

interface Prune {
  /** CRDs, too. */
  readonly all: boolean;
  readonly deadline: number;
  readonly output: Output;
}

/** What it leaves, to be thought of the next time. */
async function prune(
  client: Client,
  surplus: readonly Reference[],
  { all, deadline, output }: Prune,
): Promise<Reference[]> {
  const kept: Reference[] = [];
  for (const reference of [...surplus].reverse()) {
    if (reference.kind === 'CustomResourceDefinition' && !all) {
      kept.push(reference);
      output.out(
        `${labelOf(reference)} is not declared any more and is kept; --prune-crds deletes it and its objects\n`,
      );
      continue;
    }
    output.out(`${labelOf(reference)} pruned: ${await removeManaged(client, reference, deadline)}\n`);
  }
  return kept.reverse();
}
