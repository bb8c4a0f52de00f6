// Types the same commands of kubectl at a real kube-apiserver and at the embedded control plane and compares all that
// a person sees.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { createControlPlane } from '@setpoint/controlplane';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Kubectl } from './kubectl.ts';
import { Normaliser } from './normalise.ts';
import { run, type Step } from './script.ts';
import { gizmos, namespaceManifest } from './scripts/fixtures.ts';
import { refused, scripts } from './scripts/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'setpoint-kubectl-'));
const servers = { real: inject('realKubeconfig'), embedded: join(folder, 'kubeconfig') };
// The real server runs without kube-controller-manager.
const controlPlane = createControlPlane({ controllers: [] });
let [compared, equal] = [0, 0];

beforeAll(async () => {
  await controlPlane.listen({ kubeconfig: servers.embedded });
  const install = [
    run('create -f -', gizmos),
    { command: 'wait --for=condition=Established crd/gizmos.things.example.com' },
  ];
  const installed = await Promise.all([play('real', 'default', install), play('embedded', 'default', install)]);
  expect(installed[1]).toEqual(installed[0]);
});

afterAll(async () => {
  await controlPlane.close();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync('build', { recursive: true });
  writeFileSync('build/kubectl.json', JSON.stringify({ compared, equal }));
  console.log(`${equal} of ${compared} kubectl commands show the same at both servers`);
});

describe('kubectl cannot tell the servers apart', () => {
  // The real server repairs addresses and ends watches by its own clock: what met it half-way is played once more.
  test.concurrent.for(scripts)('$name', { timeout: 120_000, retry: 1 }, async (script, { expect, task }) => {
    const again = task.result?.retryCount ? '-again' : '';
    const namespace = `kubectl-${script.name.replaceAll(/[^a-z0-9]+/g, '-')}${again}`;
    const steps = [run('create -f -', namespaceManifest(namespace)), ...script.steps(namespace)];
    const [wanted, seen] = await Promise.all([play('real', namespace, steps), play('embedded', namespace, steps)]);
    const differing = wanted.flatMap((output, i) => (isDeepStrictEqual(output, seen[i]) ? [] : [i]));
    compared += wanted.length;
    equal += wanted.length - differing.length;
    expect(differing.map((i) => seen[i])).toEqual(differing.map((i) => wanted[i]));
  });
});

describe('kubectl says what is not there yet', () => {
  test.concurrent.for(refused.map((of) => ({ ...of, last: of.steps.at(-1)?.command })))(
    '$last',
    { timeout: 60_000 },
    async ({ steps, sentence }, { expect }) => {
      const [last] = (await play('embedded', 'default', steps)).slice(-1);
      expect(last).toMatchObject({ code: 1, stderr: expect.arrayContaining([expect.stringMatching(sentence)]) });
    },
  );
});

let people = 0;

async function play(
  server: keyof typeof servers,
  namespace: string,
  steps: readonly Step[],
): Promise<readonly object[]> {
  const home = join(folder, `${server}-${people++}`);
  const kubectl = new Kubectl({
    binaries: inject('realBinaries'),
    kubeconfig: servers[server],
    folder: home,
    namespace,
  });
  const normaliser = new Normaliser(home);
  const outputs: object[] = [];
  for (const step of steps) {
    const played = await kubectl.play(step);
    const of = [step, ...(step.during ?? [])];
    outputs.push(...played.map((output, i) => normaliser.output(of[i] ?? step, output)));
  }
  return outputs;
}
