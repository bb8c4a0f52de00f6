import { createCertificateAuthority } from '@setpoint/controlplane';
import { Secret } from 'setpoint/core/v1';
import { expect, test } from 'vitest';
import { cluster, command, kubeconfigOf, project } from '../../test/command.ts';
import { checkNode } from '../doctor/index.ts';

const on = (kubeconfig: string, name = 'widgets') => ['--project', project(name), '--kubeconfig', kubeconfig] as const;

test('all is well once it is installed, and before that it says what to do', async () => {
  const { kubeconfig } = await cluster();
  const before = await command('doctor', ...on(kubeconfig));
  expect(before).toMatchObject({ code: 0, err: '' });
  expect(before.out).toMatch(
    /^warning {2}CRD widgets\.cli\.example\.com: is not in the cluster → run `setpoint install`/m,
  );
  await command('install', ...on(kubeconfig));
  const { code, out } = await command('doctor', ...on(kubeconfig));
  expect(code).toBe(0);
  expect(out.split('\n').map((line) => line.split(':')[0])).toEqual([
    'ok       Node',
    'ok       project',
    'ok       kubeconfig',
    'ok       cluster',
    'ok       permissions',
    'ok       permissions',
    'ok       CRD widgets.cli.example.com',
    '',
  ]);
});

test('a CRD that says something else than the project', async () => {
  const { kubeconfig, controlPlane } = await cluster();
  await command('install', ...on(kubeconfig));
  const { revision } = controlPlane;
  const { code, out } = await command('doctor', ...on(kubeconfig, 'widgets-changed'));
  expect(code).toBe(0);
  expect(out).toContain('warning  CRD widgets.cli.example.com: is not what the project declares → ');
  expect(controlPlane.revision).toBe(revision);
});

test('somebody who may do nothing is told which verbs are missing', async () => {
  const { url } = await cluster({ tokens: { abc: { name: 'jane', groups: ['system:authenticated'] } } });
  const { code, out, err } = await command('doctor', ...on(kubeconfigOf('jane', 'abc', url)));
  expect({ code, err }).toEqual({ code: 1, err: 'setpoint: 2 of 8 checks failed\n' });
  expect(out).toContain(
    '`setpoint install` may not get, create, update, delete customresourcedefinitions.apiextensions.k8s.io → ',
  );
  expect(out).toContain('get, create, patch, delete deployments.apps in widgets-system');
  expect(out).toContain('you may not escalate');
});

test('a cluster that is not there, a kubeconfig that is not, and a project that does not load', async () => {
  const nowhere = await command('doctor', ...on(kubeconfigOf('jane', 'abc', 'https://127.0.0.1:1'), 'throws'));
  expect(nowhere).toMatchObject({ code: 1, err: 'setpoint: 2 of 4 checks failed\n' });
  expect(nowhere.out).toContain('failure  project: cannot load the operator');
  expect(nowhere.out).toMatch(/^failure {2}cluster: .*nothing listens there.* → start the cluster/m);
  const { code, out } = await command('doctor', ...on('/does/not/exist'));
  expect(code).toBe(1);
  expect(out).toContain('failure  kubeconfig: the kubeconfig /does/not/exist does not exist → ');
});

test('certificates of webhooks: none yet, good, soon to expire, expired, not to be read', async () => {
  const { kubeconfig, client } = await cluster();
  const asked = async () =>
    /^(.*) certificates: (.*)$/m.exec((await command('doctor', ...on(kubeconfig, 'disks'))).out);
  expect((await asked())?.[0]).toMatch(/^ok .*there are none yet in disks-system/);
  await command('deploy', ...on(kubeconfig, 'disks'), '--timeout', '1ms');
  const key = { namespace: 'disks-system', name: 'disks-webhook-server-cert' };
  const text = (value: string) => Buffer.from(value).toString('base64');
  await client.create(Secret, { metadata: key, data: { 'tls.crt': text('nothing') } });
  expect((await asked())?.[0]).toMatch(/^failure .*has no readable certificate → delete it/);
  const day = 86_400_000;
  for (const [lifetime, age, state] of [
    [90, 0, 'ok'],
    [90, 70, 'warning'],
    [90, 100, 'failure'],
  ] as const) {
    const now = Date.now() - age * day;
    const { certificate } = createCertificateAuthority('disks', { now, lifetime: lifetime * day }).issueServer([
      'localhost',
    ]);
    await client.patch(Secret, key, { type: 'merge', body: { data: { 'tls.crt': text(certificate) } } });
    expect((await asked())?.[1]?.trim()).toBe(state);
  }
});

test('a Node that is too old', () => {
  expect(checkNode('22.18.0')).toMatchObject({ state: 'failure', remedy: 'install Node 22.19 or later' });
  expect(checkNode('22.19.0').state).toBe('ok');
  expect(checkNode('24.0.0').state).toBe('ok');
});
