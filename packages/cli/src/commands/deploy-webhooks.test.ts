import { inProcessTransport } from 'setpoint/client';
import { describeAccess, refusedAccesses } from 'setpoint/rights';
import { expect, test } from 'vitest';
import { cluster, command, project } from '../../test/command.ts';
import disks, { Disk, DiskBeta } from '../../test/projects/disks/src/operator.ts';

const namespace = 'disks-system';

test('what is deployed lets the operator serve its webhooks, with certificates that it makes, and nothing more', async () => {
  let port = 0;
  const at = await cluster({ resolveService: () => ({ host: '127.0.0.1', port }) });
  at.controlPlane.pods.add({ readyAfter: '10ms', pullsFor: '1ms' });
  const refused: string[] = [];
  const user = `system:serviceaccount:${namespace}:disks`;
  at.controlPlane.audit.onEvent((event) => {
    if (event.user.username === user) refused.push(...refusedAccesses(event).map(describeAccess));
  });
  const on = ['--project', project('disks'), '--kubeconfig', at.kubeconfig] as const;
  expect((await command('deploy', ...on)).code).toBe(0);

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

  const key = { name: 'a', namespace: 'default' };
  await expect
    .poll(() => at.client.create(DiskBeta, { metadata: key, spec: { mib: 2048 } }).then(() => 'made', String), {
      timeout: 20_000,
    })
    .toBe('made');
  expect((await at.client.get(Disk, key)).spec).toEqual({ gib: 2 });
  const tooSmall = at.client.create(Disk, { metadata: { ...key, name: 'b' }, spec: { gib: 0 } });
  await expect(tooSmall).rejects.toThrow('spec.gib: Invalid value: 0: must be at least 1');
  expect((await command('status', ...on)).out).toContain('ok       certificate: the one of the webhooks is good until');
  expect(refused).toEqual([]);
  manager.stop();
  await running;
});
