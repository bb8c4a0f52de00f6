import { expect, inject, it } from 'vitest';
import { everyExampleIsServed } from '../crd-scenario.ts';

it('the CRDs of every schema library are accepted, and hold objects to what the schemas say', async () => {
  expect(await everyExampleIsServed(inject('realKubeconfig'))).toEqual([]);
});
