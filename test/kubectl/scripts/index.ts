import { asking } from './asking.ts';
import { deleting } from './deleting.ts';
import { reading } from './reading.ts';
import { writing } from './writing.ts';

export { refused } from './refused.ts';

export const scripts = [...writing, ...reading, ...asking, ...deleting];
