import { access } from './access.ts';
import { applying } from './applying.ts';
import { asking } from './asking.ts';
import { cluster } from './cluster.ts';
import { deleting } from './deleting.ts';
import { reading } from './reading.ts';
import { serverSide } from './server-side.ts';
import { writing } from './writing.ts';

export { refused } from './refused.ts';

export const scripts = [
  ...writing,
  ...applying,
  ...serverSide,
  ...reading,
  ...asking,
  ...deleting,
  ...access,
  ...cluster,
];
