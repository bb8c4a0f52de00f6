import { sleep, systemClock } from '@setpoint/apimachinery/clock';
import { createControlPlane } from '@setpoint/controlplane';
import { controller, defineKind, operator } from 'setpoint';
import { createClient, inProcessTransport } from 'setpoint/client';
import { dynamicKind } from 'setpoint/kinds';
import { installAccount } from 'setpoint/manager';
import { crdManifest } from 'setpoint/manifests';
import { expect, test } from 'vitest';
import { z } from 'zod';

const Lamp = defineKind({
  group: 'sharding.example.com',
  version: 'v1',
  kind: 'Lamp',
  spec: z.object({ level: z.number().int() }),
  status: z.object({ level: z.number().int().optional() }),
});
const group = 'apiextensions.k8s.io';
const kind = 'CustomResourceDefinition';
const CustomResourceDefinition = dynamicKind({ group, version: 'v1', kind, scope: 'Cluster' });
const shards = 8;
const names = Array.from({ length: 40 }, (_, i) => `lamp-${i}`);

test('three managers share a controller with the rights that are declared: each object is at one of them at a time', async () => {
  await using controlPlane = createControlPlane();
  await using admin = createClient({ transport: inProcessTransport(controlPlane.handle) });
  await admin.create(CustomResourceDefinition, crdManifest(Lamp) as never);
  const [busy, overlaps] = [new Map<string, string>(), new Set<string>()];
  const lamps = (replica: string) =>
    operator({
      name: 'lamps',
      controllers: [
        controller(Lamp, {
          shards,
          maxConcurrentReconciles: 4,
          async reconcile({ metadata: { name }, spec }, { status }) {
            if (busy.has(name)) overlaps.add(`${name}: ${busy.get(name)} and ${replica}`);
            busy.set(name, replica);
            await sleep(systemClock, 2);
            await status.patch({ level: spec.level });
            busy.delete(name);
          },
        }),
      ],
    });
  const account = await installAccount(admin, lamps(''), { leaderElection: {} });
  using recording = controlPlane.audit.record();
  const start = (replica: string) => {
    const manager = lamps(replica).manager({
      transport: inProcessTransport(controlPlane.handle, { user: account.user }),
      leaderElection: {
        namespace: 'default',
        identity: replica,
        leaseDuration: '5s',
        renewDeadline: '3s',
        retryPeriod: '500ms',
      },
    });
    return { manager, ended: manager.run() };
  };
  const working = (one: ReturnType<typeof start>) =>
    Object.values(one.manager.shards?.mine ?? {}).filter((state) => state === 'working').length;
  const shared = (...those: ReturnType<typeof start>[]) =>
    expect.poll(() => those.map(working).toSorted(), { timeout: 20_000, interval: 10 });
  const done = async (level: number) => {
    await expect
      .poll(
        async () => {
          const { items } = await admin.list(Lamp, { namespace: 'default' });
          return items.filter(({ status }) => status?.level !== level).length;
        },
        { timeout: 20_000 },
      )
      .toBe(0);
  };
  const set = (level: number) =>
    Promise.all(
      names.map((name) =>
        admin.patch(Lamp, { namespace: 'default', name }, { type: 'merge', body: { spec: { level } } }),
      ),
    );

  for (const name of names) await admin.create(Lamp, { metadata: { namespace: 'default', name }, spec: { level: 1 } });
  const first = start('first');
  await shared(first).toEqual([8]);
  const [second, third] = [start('second'), start('third')];
  await set(2);
  await shared(first, second, third).toEqual([2, 3, 3]);
  await set(3);
  first.manager.stop();
  await first.ended;
  await shared(second, third).toEqual([4, 4]);
  await done(3);
  for (const one of [second, third]) {
    one.manager.stop();
    await one.ended;
  }
  expect([...overlaps]).toEqual([]);
  const refused = recording.events.filter(({ responseStatus }) => responseStatus.code === 403);
  // The identity of the cluster, which need not be allowed.
  expect(new Set(refused.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource} ${objectRef?.name}`))).toEqual(
    new Set(['get namespaces kube-system']),
  );
}, 60_000);
