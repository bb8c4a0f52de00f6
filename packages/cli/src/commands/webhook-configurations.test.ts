import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { dynamicKind } from 'setpoint/kinds';
import { expect, onTestFinished, test, vi } from 'vitest';
import { cluster, command, project } from '../../test/command.ts';
import { Disk, DiskBeta } from '../../test/projects/disks/src/operator.ts';
import { localEndpoint } from './webhook-configurations.ts';

const program = join(import.meta.dirname, '../../bin/setpoint.js');
const patience = { timeout: 30_000, interval: 100 };
const configurations = dynamicKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  scope: 'Cluster',
  status: false,
});

test('install creates the CRDs of several versions, converted where the deployment will be', async () => {
  const at = await cluster();
  const { code, out } = await command('install', '--project', project('disks'), '--kubeconfig', at.kubeconfig);
  expect([code, out]).toEqual([
    0,
    'customresourcedefinition.apiextensions.k8s.io/disks.disks.cli.example.com created\n',
  ]);
  const crd = await at.client.raw(
    'GET',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/disks.disks.cli.example.com',
  );
  expect(JSON.parse(Buffer.from(crd.body).toString()).spec.conversion.webhook.clientConfig.service).toMatchObject({
    namespace: 'disks-system',
    name: 'disks-webhook-service',
    path: '/convert',
  });
});

test('run --install --webhooks has the cluster ask the process for admission and conversion; uninstall ends that', {
  timeout: 60_000,
}, async () => {
  const at = await cluster();
  const on = ['--project', project('disks'), '--kubeconfig', at.kubeconfig];
  const off = ['--metrics-bind-address=0', '--health-probe-bind-address=0'];
  const child = spawn(process.execPath, [
    ...['--no-warnings', program, 'run', '--install', '--webhooks', '--as', 'service-account'],
    ...[...on, '--', ...off],
  ]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const disk = (name: string, gib: number) => ({ metadata: { namespace: 'default', name }, spec: { gib } });
  const refused = () =>
    expect(at.client.create(Disk, disk('b', 0), { dryRun: true })).rejects.toThrow('must be at least 1');
  // As soon as the operator has said whom to trust.
  await vi.waitFor(refused, patience).catch((error) => {
    throw new Error(said, { cause: error });
  });
  await at.client.create(Disk, disk('a', 2));
  expect((await at.client.get(DiskBeta, { namespace: 'default', name: 'a' })).spec).toEqual({ mib: 2048 });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  const { out } = await command('uninstall', ...on);
  expect(out).toContain(
    'validatingwebhookconfiguration.admissionregistration.k8s.io/disks-validating-webhook-configuration deleted',
  );
  expect((await at.client.list(configurations)).items).toEqual([]);
});

test('the port that the operator’s flags name is the one that is asked', async () => {
  expect(await localEndpoint(['--webhook-port=9555'])).toEqual({
    url: 'https://127.0.0.1:9555',
    address: '127.0.0.1:9555',
  });
  expect((await localEndpoint(['--webhook-bind-address', '127.0.0.1:9556'])).url).toBe('https://127.0.0.1:9556');
  expect((await localEndpoint(['--log-level', 'debug'])).url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  await expect(localEndpoint(['--webhook-port=0'])).rejects.toThrow('needs a port that is known beforehand');
});
