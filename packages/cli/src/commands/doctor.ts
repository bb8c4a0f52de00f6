import { type Client, loadConfig } from 'setpoint/client';
import { plainManifests } from 'setpoint/deployment';
import type { CrdManifest } from 'setpoint/manifests';
import { type PlannedDeployment, planDeployment } from '../deployment/index.ts';
import {
  checkCertificates,
  checkCluster,
  checkCrd,
  checkNode,
  checkPermissions,
  type Finding,
  failure,
  ok,
} from '../doctor/index.ts';
import { Failure, sentenceOf } from '../failure.ts';
import type { Output } from '../output.ts';
import { findProject } from '../project.ts';
import { connect } from './cluster.ts';
import { explainRefusal } from './crd-refusals.ts';
import { update } from './install.ts';

export interface DoctorFlags {
  readonly project: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

/**
 * Looks at all that has to be right, a line for each; changes nothing.
 *
 * @throws Failure if something has to be mended
 */
export async function doctor(flags: DoctorFlags, output: Output): Promise<void> {
  let checks = 0;
  let failures = 0;
  for await (const finding of findings(flags)) {
    const { state, about, text, remedy } = finding;
    output.out(`${state.padEnd('warning'.length)}  ${about}: ${text}${remedy === undefined ? '' : ` → ${remedy}`}\n`);
    checks++;
    if (state === 'failure') failures++;
  }
  if (failures > 0) throw new Failure(`${failures} of ${checks} checks failed`);
}

async function* findings(flags: DoctorFlags): AsyncGenerator<Finding> {
  yield checkNode(process.versions.node);
  const { finding, planned } = await checkProject(flags.project);
  yield finding;
  let client: Client;
  try {
    const { server } = await loadConfig(flags);
    client = await connect(flags, 'setpoint');
    yield ok('kubeconfig', `names ${server}`);
  } catch (error) {
    yield failure('kubeconfig', sentenceOf(error), 'name one with --kubeconfig, and its context with --context');
    return;
  }
  await using _ = client;
  const answer = await checkCluster(client);
  yield answer;
  if (answer.state !== 'failure' && planned) yield* inCluster(client, planned);
}

interface CheckedProject {
  readonly finding: Finding;
  readonly planned?: PlannedDeployment;
}

async function checkProject(folder: string): Promise<CheckedProject> {
  try {
    const planned = await planDeployment(findProject(folder));
    const { name, kinds, crds, controllers } = planned.declared;
    const text = `the operator ${name} has ${kinds.length + crds.length} kinds and ${controllers.length} controllers`;
    return { finding: ok('project', text), planned };
  } catch (error) {
    return { finding: failure('project', sentenceOf(error), 'mend it, or name another folder with --project') };
  }
}

async function* inCluster(client: Client, { operator, settings, parts }: PlannedDeployment): AsyncGenerator<Finding> {
  const manifests = plainManifests(parts);
  yield* await checkPermissions(client, manifests);
  for (const object of manifests) {
    if (object.kind !== 'CustomResourceDefinition') continue;
    const crd = object as CrdManifest;
    yield await checkCrd(crd, () =>
      update(client, crd, true).catch((error: unknown) => {
        throw explainRefusal(crd, error);
      }),
    );
  }
  if (operator.servesWebhooks) yield await checkCertificates(client, operator.name, settings.namespace);
}
