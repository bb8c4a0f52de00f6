import { FakeClock, seededRandom } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { createClient, inProcessTransport } from '../client/index.ts';
import { createCaches } from './caches.ts';
import { Pod, recordingLog } from './testing/setup.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function podText(name: string, resourceVersion: number): string {
  const metadata = { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion: String(resourceVersion) };
  return JSON.stringify({ metadata: { ...metadata, managedFields: [{ manager: 'x' }] }, spec: {} });
}

const listEnd =
  '{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"20","annotations":{"k8s.io/initial-events-end":"true"}}}}\n';

/** A server that sends the given lines on each watch in turn, and then nothing more. */
function serverOf(watches: readonly string[]) {
  const clock = new FakeClock();
  const log = recordingLog();
  const requests: string[] = [];
  let watch = 0;
  const transport = inProcessTransport(async ({ url, signal }) => {
    const { pathname, searchParams } = new URL(url, 'http://server');
    requests.push(`${pathname}${searchParams.get('watch') ? ' watch' : ''}`);
    const headers = { 'content-type': 'application/json' };
    if (pathname.endsWith('/kube-system')) {
      return { status: 200, headers, body: bytes('{"kind":"Namespace","apiVersion":"v1","metadata":{"uid":"u"}}') };
    }
    if (!searchParams.get('watch')) {
      return { status: 200, headers, body: bytes('{"metadata":{"resourceVersion":"25"},"items":["not a pod"]}') };
    }
    const lines = watches[watch++] ?? '';
    const body = (async function* () {
      if (lines !== '') yield bytes(lines);
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    })();
    return { status: 200, headers, body };
  });
  const client = createClient({ transport, clock });
  const caches = createCaches({ client, clock, random: seededRandom(1), log });
  return { clock, log, requests, client, caches };
}

test('over the real client: an event that cannot be read is left out, and managedFields never arrive', async () => {
  const lines = [podText('a', 10), '["not", "an", "object"]', podText('b', 12)];
  const { caches, client, log } = serverOf([
    `${lines.map((object) => `{"type":"ADDED","object":${object}}\n`).join('')}{"type":"ADDED","obj\n${listEnd}`,
  ]);
  const pods = caches.acquire({ kind: Pod });
  caches.start();
  await pods.synced();
  expect(pods.list().map((pod) => pod.metadata.name)).toEqual(['a', 'b']);
  expect(pods.get({ namespace: 'ns', name: 'a' })).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'ns', uid: 'uid-a', resourceVersion: '10' },
    spec: {},
  });
  expect(pods.stats().unreadable).toBe(2);
  expect(log.lines).toContain('error an object of pods could not be read: it is left out');
  await caches.close();
  await client.close();
});

test('over the real client: a watch without a byte for 150 s is replaced, and the one odd object hinders nothing', async () => {
  const { caches, client, clock, requests } = serverOf([listEnd, `{"type":"ADDED","object":${podText('late', 23)}}\n`]);
  const pods = caches.acquire({ kind: Pod });
  caches.start();
  await pods.synced();
  await clock.advance(149_000);
  expect(requests).toHaveLength(2);
  await clock.advance(2000);
  await clock.advance(0);
  expect(requests.slice(2)).toEqual(['/api/v1/namespaces/kube-system', '/api/v1/pods', '/api/v1/pods watch']);
  expect(pods.list().map((pod) => pod.metadata.name)).toEqual(['late']);
  await caches.close();
  await client.close();
});
