import { controller, defineCrd, defineKind, operator, spoke, webhook } from 'setpoint';
import { Namespace, Pod } from 'setpoint/core/v1';
import { crdManifest, webhookManifests } from 'setpoint/manifests';
import { hooksOf } from 'setpoint/webhook';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { webhookProbes } from './webhook-probes.ts';

const names = { group: 'probes.example.com', kind: 'Disk' };
const Disk = defineKind({ ...names, version: 'v1', spec: z.object({ gib: z.int().min(3) }) });
const Old = defineKind({ ...names, version: 'v1beta1', spec: z.object({ mib: z.int() }) });
const Plain = defineKind({ ...names, kind: 'Plain', version: 'v1', spec: z.object({}) });
const disks = defineCrd({
  storage: Disk,
  hub: Disk,
  spokes: [
    spoke(Disk, Old, { toHub: () => ({ spec: { gib: 1 } }), fromHub: ({ spec }) => ({ spec: { mib: spec.gib } }) }),
  ],
});
const validate = () => [];
const metadata = { namespace: 'default', generateName: 'setpoint-deploy-' };

/** `apiVersion kind` of what is asked about. */
function probesOf(declared: ReturnType<typeof operator>) {
  const conversion = { endpoint: { url: 'https://127.0.0.1:1' } };
  return webhookProbes(declared, [
    ...[...declared.crds, ...declared.kinds].map((one) => crdManifest(one as typeof disks, { conversion })),
    ...webhookManifests({ name: 'probes', registrations: hooksOf(declared.webhooks), ...conversion }),
  ]);
}

test('an object of every kind with a webhook for creations is asked about, and one of every version that is converted', () => {
  const webhooks = [webhook(Disk, { validate }), webhook(Pod, { validate }), webhook(Namespace, { validate })];
  const plain = controller(Plain, { reconcile: () => undefined });
  const { objects, names: asked } = probesOf(operator({ crds: [disks], controllers: [plain], webhooks }));
  expect(objects).toEqual([
    { apiVersion: 'probes.example.com/v1', kind: 'Disk', metadata, spec: { gib: 3 } },
    { apiVersion: 'probes.example.com/v1beta1', kind: 'Disk', metadata, spec: { mib: 1 } },
    { apiVersion: 'v1', kind: 'Pod', metadata },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'setpoint-deploy-' } },
  ]);
  expect(asked.toSorted()).toEqual(['vdisk-v1.probes.example.com', 'vnamespace-v1.core.k8s.io', 'vpod-v1.core.k8s.io']);
});

test('what is asked about deletions alone is not created, not even for show', () => {
  const webhooks = [webhook(Pod, { validate, operations: ['DELETE'] })];
  expect(probesOf(operator({ name: 'probes', webhooks })).objects).toEqual([]);
});
