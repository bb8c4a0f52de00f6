/** An operator with everything that takes time to start and to stop, for tests of signals. Says what it does on its log. */
import { z } from 'zod';
import { controller, defineKind, operator } from '../../src/index.ts';

const Sleeper = defineKind({
  group: 'test.example.com',
  version: 'v1',
  kind: 'Sleeper',
  spec: z.object({ stubborn: z.boolean() }),
});

const sleeper = controller(Sleeper, {
  validate: () => [],
  reconcile: (object, { signal, log }) => {
    log.info('sleeping');
    if (object.spec.stubborn) return new Promise(() => {});
    return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  },
});

await operator({ name: 'phases', controllers: [sleeper] }).main();
