/** An operator as a program, for tests of signals and exit codes. Says what it does on its log. */
import { z } from 'zod';
import { controller, defineKind, operator } from '../../src/index.ts';

const Sleeper = defineKind({
  group: 'test.example.com',
  version: 'v1',
  kind: 'Sleeper',
  spec: z.object({ stubborn: z.boolean() }),
});

const sleeper = controller(Sleeper, {
  reconcile: (object, { signal, log }) => {
    log.info('sleeping');
    if (object.spec.stubborn) return new Promise(() => {});
    return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  },
});

await operator({ name: 'sleeper-operator', controllers: [sleeper] }).main();
