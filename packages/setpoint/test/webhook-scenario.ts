// biome-ignore-all lint/suspicious/noExplicitAny: conditions of definitions are looked into without types.
import { FieldError } from '@setpoint/apimachinery/errors';
import { expect } from 'vitest';
import { z } from 'zod';
import { createClient, loadConfig } from '../src/client/index.ts';
import { defineCrd, defineKind, dynamicKind, operator, spoke, webhook } from '../src/index.ts';
import { crdManifest, webhookManifests } from '../src/manifests/index.ts';
import { hooksOf } from '../src/webhook/index.ts';

const names = { group: 'webhook-scenario.setpoint.dev', kind: 'Disk' };
const V1 = defineKind({ ...names, version: 'v1', spec: z.object({ gib: z.int(), kind: z.string().optional() }) });
const V1beta1 = defineKind({ ...names, version: 'v1beta1', spec: z.object({ mib: z.int() }) });
const disks = defineCrd({
  storage: V1,
  hub: V1,
  spokes: [
    spoke(V1, V1beta1, {
      toHub: ({ spec }) => {
        if (spec.mib % 1024 !== 0) throw new Error(`${spec.mib} MiB are no whole GiB`);
        return { spec: { gib: spec.mib / 1024 } };
      },
      fromHub: ({ spec }) => ({ spec: { mib: spec.gib * 1024 } }),
    }),
  ],
});

const diskWebhook = webhook(V1, {
  default: (draft) => {
    draft.spec.kind ??= 'ssd';
  },
  validate: ({ spec }, { warn, request }) => {
    if (spec.gib > 100) warn(`${spec.gib} GiB are many, ${request.user.name}`);
    return spec.gib < 1 ? [FieldError.invalid('spec.gib', spec.gib, 'must be at least 1')] : [];
  },
});

const admissionKind = (kind: string) =>
  dynamicKind({ group: 'admissionregistration.k8s.io', version: 'v1', kind, scope: 'Cluster', status: false });
const definitions = dynamicKind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  scope: 'Cluster',
});

/**
 * An operator that makes its own certificates, asked by a server over loopback: defaults, refusals and conversions.
 * `writesSpokes`: objects are written through another version than the hub, too.
 * The configurations and the CRD are applied without a bundle, which the operator then puts in.
 */
export async function servesItsWebhooks(
  kubeconfig: string,
  { writesSpokes }: { readonly writesSpokes: boolean },
): Promise<void> {
  const config = await loadConfig({ kubeconfig });
  await using client = createClient({ config });
  const own = operator({ name: 'webhook-scenario', webhooks: [diskWebhook], crds: [disks] });
  const manager = own.manager({ config, webhooks: { bindAddress: '127.0.0.1:0' } });
  const running = manager.run();
  running.catch(() => undefined);
  const applied: (readonly [any, string])[] = [
    [dynamicKind({ group: '', version: 'v1', kind: 'Secret', status: false }), 'webhook-scenario-webhook-server-cert'],
  ];
  try {
    await manager.started;
    const endpoint = { url: `https://127.0.0.1:${manager.addresses.webhooks?.port}` };
    const manifests = webhookManifests({ name: own.name, registrations: hooksOf(own.webhooks), endpoint });
    for (const manifest of [crdManifest(disks, { conversion: { endpoint } }), ...manifests]) {
      const kind = manifest.kind === 'CustomResourceDefinition' ? definitions : admissionKind(manifest.kind ?? '');
      applied.unshift([kind, manifest.metadata.name ?? '']);
      await client.create(kind, manifest as never);
    }
    await eventually(async () => {
      for (const [kind, name] of applied.slice(0, -1)) {
        expect(JSON.stringify(await client.get(kind, { name }))).toContain('"caBundle":"');
      }
    });
    const disk = (name: string, spec: object): any => ({ metadata: { namespace: 'default', name }, spec });
    await eventually(async () => {
      await client.create(V1, disk('a', { gib: 2 }));
    });
    const key = { namespace: 'default', name: 'a' };
    expect((await client.get(V1, key)).spec).toEqual({ gib: 2, kind: 'ssd' });
    expect((await client.get(V1beta1, key)).spec).toEqual({ mib: 2048 });
    expect((await client.list(V1beta1, { namespace: 'default' })).items.map(({ spec }) => spec)).toEqual([
      { mib: 2048 },
    ]);
    await expect(client.create(V1, disk('b', { gib: 0 }))).rejects.toMatchObject({ code: 'Invalid', httpStatus: 422 });
    if (writesSpokes)
      await expect(client.create(V1beta1, disk('c', { mib: 5 }))).rejects.toThrow('5 MiB are no whole GiB');
  } finally {
    for (const [kind, name] of applied) {
      await client
        .delete(kind, { ...(kind.kind === 'Secret' ? { namespace: 'default' } : {}), name })
        .catch(() => undefined);
    }
    manager.stop();
    await running;
  }
}

async function eventually(works: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await works();
      return;
    } catch (error) {
      if (attempt === 60) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}
