import { controller, operator } from 'setpoint';
import { Disk, disks } from './kinds.ts';

/** All that an API server asks an operator for: defaults, whether an object is valid, and conversions. */
const diskController = controller(Disk, {
  default(disk) {
    disk.spec.kind ??= 'ssd';
  },
  validate: ({ spec }) => (spec.gib < 1 ? [`a disk of ${spec.gib} GiB holds nothing`] : []),
  async reconcile({ spec }, { status }) {
    await status.patch({ formatted: `${spec.gib} GiB of ${spec.kind}` });
  },
});

export default operator({ name: 'disks', controllers: [diskController], crds: [disks] });
