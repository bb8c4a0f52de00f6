import { inject, it } from 'vitest';
import { ownsItsChildren } from '../operator-scenario.ts';

it('an operator keeps its children, its status and its finalizer on a real server', async () => {
  await ownsItsChildren(inject('realKubeconfig'));
});
