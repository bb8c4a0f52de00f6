import type { Status } from '@setpoint/apimachinery/meta';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pod, setUp } from './testing/setup.ts';

const success: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };

/**
 * Random interleavings of own writes, others' writes, answers that come late, watches that lag, lists and restarts of
 * watches. The model is the server's history: what a reader saw of a key may only be followed by something later.
 */
test('reads are monotonic within an epoch and never bring back a deleted UID', async () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const labels = fc.constantFrom({ app: 'web' }, { app: 'api' });
  const action = fc.oneof(
    fc.record({ do: fc.constant('own put' as const), name, labels, late: fc.boolean() }),
    fc.record({ do: fc.constant('own delete' as const), name, late: fc.boolean() }),
    fc.record({ do: fc.constant('other put' as const), name, labels }),
    fc.record({ do: fc.constant('other delete' as const), name }),
    fc.record({ do: fc.constantFrom('answers' as const, 'lag' as const, 'catch up' as const, 'compact' as const) }),
    fc.record({ do: fc.constant('wait' as const), milliseconds: fc.integer({ min: 0, max: 200_000 }) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 30 }),
      fc.boolean(),
      fc.boolean(),
      async (actions, streams, selective) => {
        const { api, caches, clock } = setUp();
        api.streams = streams;
        const pods = caches.acquire({ kind: Pod, ...(selective ? { labelSelector: 'app=web' } : {}) });
        caches.start();
        await clock.advance(0);
        const answers: (() => void)[] = [];
        const ownDeleted = new Set<string>();
        const lastSeen = new Map<string, { revision: number; uid: string }>();
        const look = () => {
          const listed = new Map(pods.list().map((pod) => [pod.metadata.name, pod]));
          for (const key of ['a', 'b', 'c']) {
            const pod = pods.get({ namespace: 'ns', name: key });
            expect(listed.get(key)).toBe(pod);
            if (!pod) continue;
            const { uid } = pod.metadata;
            const revision = Number(pod.metadata.resourceVersion);
            expect(ownDeleted).not.toContain(uid);
            expect(revision).toBeGreaterThanOrEqual(lastSeen.get(key)?.revision ?? 0);
            lastSeen.set(key, { revision, uid });
          }
        };
        pods.subscribe(look);
        const answer = (late: boolean, tell: () => void) => {
          if (late) answers.push(tell);
          else tell();
        };
        for (const one of actions) {
          switch (one.do) {
            case 'own put': {
              const object = api.put(one.name, {}, one.labels);
              answer(one.late, () => {
                caches.recordWrite({ kind: Pod, object });
                const seen = pods.get({ namespace: 'ns', name: one.name });
                const isOurs = seen?.metadata.uid === object.metadata.uid;
                if (isOurs)
                  expect(Number(seen?.metadata.resourceVersion)).toBeGreaterThanOrEqual(
                    Number(object.metadata.resourceVersion),
                  );
              });
              break;
            }
            case 'own delete': {
              if (!api.objects.has(`ns/${one.name}`)) break;
              const { uid = '' } = api.delete(one.name).metadata;
              answer(one.late, () => {
                caches.recordDelete({ kind: Pod, key: { namespace: 'ns', name: one.name }, answer: success, uid });
                ownDeleted.add(uid);
              });
              break;
            }
            case 'other put':
              api.put(one.name, {}, one.labels);
              break;
            case 'other delete':
              if (api.objects.has(`ns/${one.name}`)) api.delete(one.name);
              break;
            case 'answers':
              for (const tell of answers.splice(0)) tell();
              break;
            case 'lag':
              api.silent = true;
              break;
            case 'catch up':
              api.silent = false;
              api.endWatches();
              await clock.advance(2000);
              break;
            case 'compact':
              api.compact();
              break;
            case 'wait':
              await clock.advance(one.milliseconds);
              break;
            default:
              one satisfies never;
          }
          look();
          await clock.advance(0);
          look();
        }
        for (const tell of answers) tell();
        api.silent = false;
        api.endWatches();
        await clock.advance(60_000);
        api.bookmark();
        await clock.advance(0);
        look();
        const expected = [...api.objects.values()].filter((pod) => !selective || pod.metadata.labels?.app === 'web');
        expect(new Set(pods.list().map((pod) => pod.metadata.resourceVersion))).toEqual(
          new Set(expected.map((pod) => pod.metadata.resourceVersion)),
        );
        expect(pods.stats()).toMatchObject({ overlayEntries: 0, epochs: 0, handlerErrors: 0 });
        await caches.close();
      },
    ),
    { numRuns: 150 },
  );
});
