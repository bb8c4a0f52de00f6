import { defineCrd, defineKind, spoke } from 'setpoint';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { checkRoundTrips } from './index.ts';

const names = { group: 'trips.example.com', kind: 'Trip' };
const status = z.object({ done: z.boolean().optional() });
const V1 = defineKind({
  ...names,
  version: 'v1',
  spec: z.object({ from: z.string(), to: z.string(), days: z.int().optional() }),
  status,
});
const Old = defineKind({
  ...names,
  version: 'v1beta1',
  spec: z.object({ ends: z.array(z.string()).min(2).max(2), days: z.int().optional() }),
  status,
});
const toHub = ({
  spec: { ends, days },
  status,
}: {
  spec: { ends: readonly string[]; days?: number | undefined };
  status?: object | undefined;
}) => ({
  spec: { from: ends[0] as string, to: ends[1] as string, ...(days === undefined ? {} : { days }) },
  ...(status ? { status } : {}),
});

it('a conversion that keeps everything passes', async () => {
  const crd = defineCrd({
    storage: V1,
    hub: V1,
    spokes: [
      spoke(V1, Old, {
        toHub,
        fromHub: ({ spec: { from, to, ...rest }, status }) => ({
          spec: { ends: [from, to], ...rest },
          ...(status ? { status } : {}),
        }),
      }),
    ],
  });
  await checkRoundTrips(crd);
});

it('one that loses a member is told with the object, the way and the seed', async () => {
  const crd = defineCrd({
    storage: V1,
    hub: V1,
    spokes: [spoke(V1, Old, { toHub, fromHub: ({ spec: { from, to } }) => ({ spec: { ends: [from, to] } }) })],
  });
  await expect(checkRoundTrips(crd, { seed: 7 })).rejects.toThrow(/^v1 → v1beta1 → v1 changes .*"op":"remove".*seed 7/);
});
