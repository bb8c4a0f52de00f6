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
    if (process.env.MISBEHAVE) misbehave();
    if (object.spec.stubborn) return new Promise(() => {});
    return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  },
});

/** Throws where nobody catches it, in two ways, after it has blocked everything else for a while. */
function misbehave(): void {
  // So much of the CPU, however busy the machine is.
  const began = process.cpuUsage();
  let used = { user: 0, system: 0 };
  while (used.user + used.system < 1_800_000) used = process.cpuUsage(began);
  setTimeout(() => {
    throw new Error('thrown by a timer');
  }, 1000);
  setTimeout(() => void Promise.reject(new Error('rejected and not awaited')), 1001);
}

await operator({ name: 'phases', controllers: [sleeper] }).main();
