/** Two versions of a kind, converted by functions, and a webhook. */
import { FieldError } from '@setpoint/apimachinery/errors';
import { defineCrd, defineKind, operator, spoke, webhook } from 'setpoint';
import { z } from 'zod';

const names = { group: 'disks.cli.example.com', kind: 'Disk' };
export const Disk = defineKind({ ...names, version: 'v1', spec: z.object({ gib: z.int() }) });
export const DiskBeta = defineKind({ ...names, version: 'v1beta1', spec: z.object({ mib: z.int() }) });

export default operator({
  name: 'disks',
  crds: [
    defineCrd({
      storage: Disk,
      hub: Disk,
      spokes: [
        spoke(Disk, DiskBeta, {
          toHub: ({ spec }) => ({ spec: { gib: spec.mib / 1024 } }),
          fromHub: ({ spec }) => ({ spec: { mib: spec.gib * 1024 } }),
        }),
      ],
    }),
  ],
  webhooks: [
    webhook(Disk, {
      validate: ({ spec }) => (spec.gib < 1 ? [FieldError.invalid('spec.gib', spec.gib, 'must be at least 1')] : []),
    }),
  ],
});
