import { FieldError } from '@setpoint/apimachinery/errors';
import { controller, defineCrd, defineKind, operator, spoke, webhook } from 'setpoint';
import { ConfigMap } from 'setpoint/core/v1';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { testEnvironment } from './index.ts';

const Box = defineKind({
  group: 'webhooks.example.com',
  version: 'v1',
  kind: 'Box',
  spec: z.object({ size: z.int(), color: z.string().optional() }),
  status: z.object({ seen: z.string().optional() }),
});

const boxes = controller(Box, {
  default: (draft) => {
    draft.spec.color ??= 'red';
  },
  validate: (box, { old }) => [
    ...(box.spec.size > 5 ? [FieldError.invalid('spec.size', box.spec.size, 'must be at most 5')] : []),
    ...(old && box.spec.size < old.spec.size ? ['a box cannot shrink'] : []),
  ],
  reconcile: (box, { status }) => status.patch({ seen: box.spec.color ?? 'none' }).then(() => undefined),
});

const maps = webhook(ConfigMap, {
  operations: ['CREATE', 'DELETE'],
  objectSelector: { matchLabels: { watched: 'yes' } },
  validate: (map, { request, warn }) => {
    warn(`${request.operation} by ${request.user.name}`);
    return map.data?.keep === 'yes' && request.operation === 'DELETE' ? ['it is to be kept'] : [];
  },
});

const box = (name: string, size: number) => ({ metadata: { namespace: 'default', name }, spec: { size } });

it('the control plane asks the webhooks of the operator that runs', async () => {
  await using env = await testEnvironment({ kinds: [Box] });
  await env.start(operator({ name: 'boxes', controllers: [boxes], webhooks: [maps] }));

  const made = await env.client.create(Box, box('a', 3));
  expect(made.spec).toEqual({ size: 3, color: 'red' });
  await env.settled();
  expect((await env.client.get(Box, { namespace: 'default', name: 'a' })).status).toEqual({ seen: 'red' });

  await expect(env.client.create(Box, box('b', 9))).rejects.toMatchObject({
    code: 'Invalid',
    message: expect.stringContaining('spec.size: Invalid value: 9: must be at most 5'),
  });
  const present = await env.client.get(Box, { namespace: 'default', name: 'a' });
  await expect(env.client.update(Box, { ...present, spec: { size: 1 } })).rejects.toThrow('a box cannot shrink');

  const map = { metadata: { namespace: 'default', name: 'm', labels: { watched: 'yes' } }, data: { keep: 'yes' } };
  await env.client.create(ConfigMap, map);
  await expect(env.client.delete(ConfigMap, { namespace: 'default', name: 'm' })).rejects.toThrow('it is to be kept');
});

it('without webhooks, what is wrong is found by the pass', async () => {
  await using env = await testEnvironment({ kinds: [Box] });
  await env.start(operator({ name: 'boxes', controllers: [boxes] }), { webhooks: false });
  await env.client.create(Box, box('b', 9));
  await env.settled();
});

it('the control plane has objects converted by the operator that runs, before its caches are filled', async () => {
  const names = { group: 'webhooks.example.com', kind: 'Crate' } as const;
  const Old = defineKind({ ...names, version: 'v1', spec: z.object({ size: z.int() }) });
  const New = defineKind({
    ...names,
    version: 'v2',
    spec: z.object({ length: z.int() }),
    status: z.object({ seen: z.int() }),
  });
  const crates = defineCrd({
    storage: New,
    hub: New,
    spokes: [
      spoke(New, Old, {
        toHub: ({ spec }) => ({ spec: { length: spec.size } }),
        fromHub: ({ spec }) => ({ spec: { size: spec.length } }),
      }),
    ],
  });
  const seeing = controller(New, {
    reconcile: (crate, { status }) => status.patch({ seen: crate.spec.length }).then(() => undefined),
  });
  await using env = await testEnvironment({ kinds: [crates] });
  const crate = { metadata: { namespace: 'default', name: 'a' }, spec: { size: 3 } };
  await expect(env.client.create(Old, crate)).rejects.toThrow('conversion webhook');

  const made = operator({ name: 'crates', controllers: [seeing], crds: [crates] });
  const first = await env.start(made);
  await env.client.create(Old, crate);
  await env.settled();
  expect((await env.client.get(New, crate.metadata)).status).toEqual({ seen: 3 });
  expect((await env.client.get(Old, crate.metadata)).spec).toEqual({ size: 3 });
  await first.stop();
  await env.start(made);
  expect((await env.client.get(Old, crate.metadata)).spec).toEqual({ size: 3 });
});
