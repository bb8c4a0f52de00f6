import { Deployment } from 'setpoint/apps/v1';
import { inProcessTransport } from 'setpoint/client';
import { describeAccess, refusedAccesses } from 'setpoint/rights';
import { expect, test } from 'vitest';
import { cluster, command, project } from '../../test/command.ts';
import disks, { Disk, DiskBeta } from '../../test/projects/disks/src/operator.ts';
import { webhooksAnswer } from '../installation/index.ts';

const namespace = 'disks-system';

test('what is deployed lets the operator serve its webhooks, with certificates that it makes, and nothing more; deploy waits until they answer', async () => {
  let port = 0;
  const at = await cluster({ resolveService: () => ({ host: '127.0.0.1', port }) });
  at.controlPlane.pods.add({ readyAfter: '10ms', pullsFor: '1ms' });
  const refused: string[] = [];
  const user = `system:serviceaccount:${namespace}:disks`;
  at.controlPlane.audit.onEvent((event) => {
    if (event.user.username === user) refused.push(...refusedAccesses(event).map(describeAccess));
  });
  const on = ['--project', project('disks'), '--kubeconfig', at.kubeconfig] as const;
  const deploying = command('deploy', ...on);
  const deployment = { namespace, name: 'disks-controller-manager' };
  await expect
    .poll(() => at.client.get(Deployment, deployment).catch(() => undefined), { timeout: 20_000 })
    .toBeDefined();

  // The pods are simulated: what would run in them runs here, as their service account.
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  await using manager = disks.manager({
    transport: inProcessTransport(at.controlPlane.handle, { user: { name: user, groups } }),
    webhooks: { bindAddress: '127.0.0.1:0', certificates: { namespace } },
    leaderElection: { namespace },
  });
  const running = manager.run();
  await manager.elected;
  port = manager.addresses.webhooks?.port ?? 0;

  const { code, out } = await deploying;
  expect(code).toBe(0);
  expect(out).toContain('the webhooks of disks answer\n');

  const key = { name: 'a', namespace: 'default' };
  await at.client.create(DiskBeta, { metadata: key, spec: { mib: 2048 } });
  expect((await at.client.get(Disk, key)).spec).toEqual({ gib: 2 });
  const tooSmall = at.client.create(Disk, { metadata: { ...key, name: 'b' }, spec: { gib: 0 } });
  await expect(tooSmall).rejects.toThrow('spec.gib: Invalid value: 0: must be at least 1');
  expect((await command('status', ...on)).out).toContain('ok       certificate: the one of the webhooks is good until');
  expect(refused).toEqual([]);
  manager.stop();
  await running;
});

test('webhooks that do not answer in time fail it, with what the API server says', async () => {
  const at = await cluster({ resolveService: () => ({ host: '127.0.0.1', port: 1 }) });
  at.controlPlane.pods.add({ readyAfter: '10ms', pullsFor: '1ms' });
  const on = ['--project', project('disks'), '--kubeconfig', at.kubeconfig, '--timeout', '2s'] as const;
  const { code, out, err } = await command('deploy', ...on);
  expect(code).toBe(1);
  expect(out).toContain('deployment.apps/disks-controller-manager is available\n');
  expect(out).toContain('the webhooks of disks do not answer yet: ');
  expect(err).toContain('the API server had no answer of the webhooks of disks within 2 s: ');
  expect(err).toContain('failed calling webhook "vdisk-v1.disks.cli.example.com"');

  const object = {
    apiVersion: 'disks.cli.example.com/v1',
    kind: 'Disk',
    metadata: { name: 'a', namespace: 'default' },
  };
  const before = { ...object, apiVersion: 'disks.cli.example.com/v1beta1', spec: { mib: 1024 } };
  const lines: string[] = [];
  const output = { out: (text: string) => lines.push(text), err: (text: string) => lines.push(text) };
  const asked = { client: at.client, name: 'disks', names: [], timeout: 0, output };
  await expect(webhooksAnswer({ ...asked, objects: [before] })).rejects.toThrow(
    'conversion webhook for disks.cli.example.com/v1beta1, Kind=Disk failed: ',
  );
  // Webhooks of others, and objects that are refused for another reason, are no matter of this operator.
  await webhooksAnswer({ ...asked, objects: [{ ...object, spec: { gib: 1 } }, object] as never });
  expect(lines).toEqual(['the webhooks of disks answer\n']);
});
