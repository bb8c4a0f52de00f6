import { createControlPlane } from '@setpoint/controlplane';
import { controller, defineKind, operator } from 'setpoint';
import { createClient, inProcessTransport } from 'setpoint/client';
import { dynamicKind } from 'setpoint/kinds';
import { installAccount } from 'setpoint/manager';
import { crdManifest } from 'setpoint/manifests';
import { expect, test } from 'vitest';
import { z } from 'zod';

const Lamp = defineKind({
  group: 'election.example.com',
  version: 'v1',
  kind: 'Lamp',
  spec: z.object({ on: z.boolean() }),
  status: z.object({ lit: z.boolean().optional() }),
});
const group = 'apiextensions.k8s.io';
const CustomResourceDefinition = dynamicKind({
  group,
  version: 'v1',
  kind: 'CustomResourceDefinition',
  scope: 'Cluster',
});
const Lease = dynamicKind({ group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', status: false });

test('two managers in one process, with the rights that are declared: one leads, the other one follows', async () => {
  await using controlPlane = createControlPlane();
  await using admin = createClient({ transport: inProcessTransport(controlPlane.handle) });
  await admin.create(CustomResourceDefinition, crdManifest(Lamp) as never);
  const lit = controller(Lamp, {
    async reconcile(lamp, { status }) {
      await status.patch({ lit: lamp.spec.on });
    },
  });
  const lamps = operator({ name: 'lamps', controllers: [lit] });
  const account = await installAccount(admin, lamps, { leaderElection: {} });
  using recording = controlPlane.audit.record();
  const start = () => {
    const transport = inProcessTransport(controlPlane.handle, { user: account.user });
    const manager = lamps.manager({
      transport,
      leaderElection: { namespace: 'default', leaseDuration: '5s', renewDeadline: '3s', retryPeriod: '500ms' },
    });
    return { manager, ended: manager.run() };
  };
  const first = start();
  await first.manager.elected;
  const second = start();
  await second.manager.started;
  expect([first.manager.isLeader, second.manager.isLeader]).toEqual([true, false]);
  const desk = { namespace: 'default', name: 'desk' };
  await admin.create(Lamp, { metadata: desk, spec: { on: true } });
  first.manager.stop();
  await first.ended;
  await second.manager.elected;
  await expect.poll(async () => (await admin.get(Lamp, desk)).status).toEqual({ lit: true });
  const lease = (await admin.get(Lease, { namespace: 'default', name: 'lamps-leader' })) as { spec?: object };
  expect(lease.spec).toMatchObject({
    holderIdentity: expect.stringMatching(/^\S+_[0-9a-f]{8}-[0-9a-f-]{27}$/),
    leaseDurationSeconds: 5,
    leaseTransitions: 1,
    renewTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
  });
  second.manager.stop();
  await second.ended;
  const refused = recording.events.filter(({ responseStatus }) => responseStatus.code === 403);
  expect(refused.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource} ${objectRef?.name ?? ''}`)).toEqual([
    // The identity of the cluster, which need not be allowed.
    'get namespaces kube-system',
    'get namespaces kube-system',
  ]);
});
