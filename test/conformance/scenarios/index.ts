import type { Scenario } from '../scenario.ts';
import { builtin } from './builtin.ts';
import { create } from './create.ts';
import { definitions } from './definitions.ts';
import { deletion } from './delete.ts';
import { discovery } from './discovery.ts';
import { errors } from './errors.ts';
import { list } from './list.ts';
import { patch } from './patch.ts';
import { tables } from './table.ts';
import { update } from './update.ts';
import { validation } from './validation.ts';
import { watch } from './watch.ts';

export const scenarios: readonly Scenario[] = [
  ...errors,
  ...create,
  ...update,
  ...patch,
  ...deletion,
  ...list,
  ...watch,
  ...tables,
  ...discovery,
  ...definitions,
  ...validation,
  ...builtin,
];
