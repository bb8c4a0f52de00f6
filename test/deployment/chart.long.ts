// The chart that `setpoint manifests` writes, rendered by Helm with many values; a real API server takes each result.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRealApiServer } from '../real-apiserver/server.ts';
import { buildHelm } from './helm.ts';

const chart = join(import.meta.dirname, '../../operators/foo/dist/chart');
let helm = '';
let server: Awaited<ReturnType<typeof startRealApiServer>>;

beforeAll(async () => {
  helm = buildHelm();
  server = await startRealApiServer();
  for (const namespace of ['release', 'team-a', 'team-b']) kubectl(['create', 'namespace', namespace]);
}, 1_200_000);

afterAll(() => server?.stop());

function run(program: string, args: readonly string[], input?: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', input, maxBuffer: 2 ** 26 });
  expect(status, stderr).toBe(0);
  return stdout;
}

function kubectl(args: readonly string[], input?: string): string {
  return run(join(server.binaries, 'kubectl'), ['--kubeconfig', server.kubeconfig, ...args], input);
}

const combinations: readonly (readonly string[])[] = [
  [],
  ['replicas=0'],
  ['replicas=3', 'podDisruptionBudget.enable=false'],
  ['image.repository=registry.example.com:5000/a/b', 'image.tag=v9', 'image.pullPolicy=Always'],
  ['imagePullSecrets[0].name=pull'],
  ['resources=null'],
  ['resources.limits.memory=1Gi', 'resources.limits.cpu=null'],
  ['watchNamespaces={team-a}'],
  ['watchNamespaces={team-a,team-b}', 'leaderElection.enable=false'],
  ['arguments={--log-level=debug,--leader-election-id=x}'],
  ['environment[0].name=A', 'environment[0].value=b: c'],
  ['metrics.enable=false'],
  ['networkPolicy.enable=true'],
  ['networkPolicy.enable=true', 'metrics.enable=false'],
  ['crds.install=false'],
  ['crds.keep=false', 'rbac.helpers=false'],
  ['serviceAccount.annotations.example\\.com/role=r'],
  ['podAnnotations.a=b', 'podLabels.c=d'],
  ['nodeSelector.disk=ssd', 'tolerations[0].operator=Exists', 'priorityClassName=system-cluster-critical'],
  [
    'topologySpreadConstraints[0].maxSkew=1',
    'topologySpreadConstraints[0].topologyKey=zone',
    'topologySpreadConstraints[0].whenUnsatisfiable=DoNotSchedule',
    'affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight=1',
    'affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].key=a',
    'affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].operator=Exists',
  ],
];

test('Helm has nothing to say against the chart', () => {
  expect(run(helm, ['lint', chart])).toContain('0 chart(s) failed');
});

test.each(combinations.map((values) => ({ name: values.join(' ') || 'the defaults', values })))(
  'a server takes the chart with $name',
  ({ values }) => {
    const set = values.flatMap((value) => ['--set', value]);
    const rendered = run(helm, ['template', 'release', chart, '--namespace', 'release', ...set]);
    expect(rendered).not.toContain('foo-operator-system');
    const applied = kubectl(['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'], rendered);
    expect(applied).toContain('deployment.apps/foo-operator-controller-manager serverside-applied');
  },
);

test('kustomize and the one file come to the same objects', () => {
  const folder = join(chart, '../..');
  const plain = ['apply', '--dry-run=client', '--validate=false', '-o', 'name'];
  const names = (output: string) => output.trim().split('\n').sort();
  const one = names(kubectl([...plain, '-f', join(folder, 'dist/install.yaml')]));
  expect(names(kubectl([...plain, '-k', join(folder, 'config/default')]))).toEqual(one);
  expect(one.length).toBeGreaterThan(10);
});
