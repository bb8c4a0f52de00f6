import { expect, inject, test } from 'vitest';
import { migratesInThreeStepsAndInOne, steps } from './storage-scenario.ts';

test('objects of a CRD go from v1alpha1 to v1, in three steps and in one', async () => {
  expect(await migratesInThreeStepsAndInOne(inject('realKubeconfig'))).toEqual(steps);
});
