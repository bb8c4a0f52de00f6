import type { Client } from 'setpoint/client';
import { plainManifests } from 'setpoint/deployment';
import { isApiError } from 'setpoint/errors';
import type { CrdManifest } from 'setpoint/manifests';
import { type PlannedDeployment, planDeployment } from '../deployment/index.ts';
import { Failure, sentenceOf } from '../failure.ts';
import { readInventory } from '../installation/index.ts';
import type { Output } from '../output.ts';
import { findProject } from '../project.ts';
import {
  definitionLine,
  deploymentLine,
  type Format,
  type Line,
  leaderLine,
  objectsLine,
  render,
  type StatusReport,
  warningLines,
  webhookLines,
} from '../status/index.ts';
import { connect } from './cluster.ts';
import { explainRefusal } from './crd-refusals.ts';
import { update } from './install.ts';

export interface StatusFlags {
  readonly project: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Instead of the one that it is deployed in. */
  readonly namespace?: string;
  readonly output: Format;
}

/**
 * Says how the operator is in the cluster; changes nothing.
 *
 * @throws Failure if something of it does not work; objects that are not ready, and warnings, are no failure of it
 */
export async function status(flags: StatusFlags, output: Output): Promise<void> {
  const planned = await planDeployment(findProject(flags.project));
  await using client = await connect(flags, 'setpoint');
  const report = await reportOf(client, planned, flags.namespace);
  output.out(await render(report, flags.output));
  const failures = report.lines.filter(({ state }) => state === 'failure');
  const [first] = failures;
  if (!first) return;
  const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : '';
  throw new Failure(
    `${report.operator} is not as it should be: ${[first.about, first.name].join(' ').trim()}: ${first.text}${more}`,
  );
}

/** What is looked at, and how. */
type Look = readonly [string, () => Promise<Line | readonly Line[] | undefined>];

async function reportOf(
  client: Client,
  { operator, settings, parts }: PlannedDeployment,
  place: string | undefined,
): Promise<StatusReport> {
  const { name } = operator;
  const inventory = place === undefined ? await readInventory(client, name) : undefined;
  const namespace = place ?? inventory?.namespace ?? settings.namespace;
  const manifests = plainManifests(parts);
  const deployment = manifests.find(({ kind }) => kind === 'Deployment')?.metadata.name ?? '';
  const crds = manifests.filter(({ kind }) => kind === 'CustomResourceDefinition') as readonly unknown[];
  const definitions = crds as readonly CrdManifest[];
  const kinds = new Set(definitions.map(({ spec }) => `${spec.names.kind}.${spec.group}`));
  const compared = (crd: CrdManifest) => () =>
    update(client, crd, true).catch((error: unknown) => {
      throw explainRefusal(crd, error);
    });
  const looks: readonly Look[] = [
    ['deployment', () => deploymentLine(client, namespace, deployment)],
    ['leader', () => leaderLine(client, namespace, name)],
    ...definitions.map((crd) => ['crd', () => definitionLine(client, crd, compared(crd))] satisfies Look),
    ...(operator.servesWebhooks ? [['webhooks', () => webhookLines(client, namespace, name)] satisfies Look] : []),
    ...definitions.map((crd) => ['objects', () => objectsLine(client, crd)] satisfies Look),
    ['events', () => warningLines(client, namespace, { operator: name, kinds })],
  ];
  const lines = await Promise.all(looks.map(([about, look]) => look().catch((error) => unknown(about, error))));
  return { operator: name, namespace, lines: lines.flatMap((line) => line ?? []) };
}

/** What may not be read is said, and stands in the way of nothing else; whether it runs has to be known. */
function unknown(about: string, error: unknown): Line {
  if (!isApiError(error)) throw error;
  return { state: about === 'deployment' ? 'failure' : 'warning', about, text: `cannot be read: ${sentenceOf(error)}` };
}
