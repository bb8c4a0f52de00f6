import { defineCrd, defineKind, type Resource, spoke } from 'setpoint';
import { z } from 'zod';

const names = { group: 'disks.setpoint.dev', kind: 'Disk' };

export const Disk = defineKind({
  ...names,
  version: 'v1',
  spec: z.object({ gib: z.int(), kind: z.string().optional() }),
  status: z.object({ formatted: z.string().optional() }),
});
export type Disk = Resource<typeof Disk>;

/** As it was, in smaller units. */
export const OldDisk = defineKind({
  ...names,
  version: 'v1beta1',
  spec: z.object({ mib: z.int(), kind: z.string().optional() }),
  status: z.object({ formatted: z.string().optional() }),
});

export const disks = defineCrd({
  storage: Disk,
  hub: Disk,
  spokes: [
    spoke(Disk, OldDisk, {
      toHub: ({ spec: { mib, ...spec }, ...disk }) => ({ ...disk, spec: { ...spec, gib: mib / 1024 } }),
      fromHub: ({ spec: { gib, ...spec }, ...disk }) => ({ ...disk, spec: { ...spec, mib: gib * 1024 } }),
    }),
  ],
});
