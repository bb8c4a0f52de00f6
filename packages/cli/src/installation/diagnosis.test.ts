import { expect, test } from 'vitest';
import { whyNotAvailable } from './diagnosis.ts';

const at = { namespace: 'system', name: 'manager' };

interface Given {
  readonly conditions?: readonly object[];
  readonly pod?: object;
  readonly events?: readonly (readonly [object: string, reason: string, message: string])[];
  readonly log?: string;
}

/** A cluster in which there is one Deployment with at most one pod. */
function explained({ conditions = [], pod, events = [], log }: Given): Promise<readonly string[]> {
  const items = {
    Pod: pod ? [{ metadata: { namespace: 'system', name: 'manager-1' }, status: pod }] : [],
    Event: events.map(([name, reason, message]) => ({ involvedObject: { kind: 'Pod', name }, reason, message })),
  };
  const client = {
    get: async () => ({ spec: { selector: {} }, status: { conditions } }),
    list: async ({ kind }: { readonly kind: 'Pod' | 'Event' }) => ({ items: items[kind] }),
    async *logs() {
      if (log === undefined) throw new Error('the node does not answer');
      yield Buffer.from(log);
    },
  };
  return whyNotAvailable(client as never, at);
}

const unavailable = { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: 'too few' };
const quota = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'pods are forbidden' };

test('a quota that lets no pod in is named instead of what follows from it', async () => {
  expect(await explained({ conditions: [unavailable, quota] })).toEqual([
    "the Deployment's condition ReplicaFailure: pods are forbidden (FailedCreate)",
  ]);
  expect(await explained({ conditions: [unavailable] })).toEqual([
    "the Deployment's condition Available: too few (MinimumReplicasUnavailable)",
  ]);
});

test('what is tried again and again is told once, as it went the last time', async () => {
  const events = [
    ['manager-1', 'Failed', 'pod a'],
    ['manager-1', 'BackOff', 'later'],
    ['other', 'Failed', 'of somebody else'],
    ['manager-1', 'Failed', 'pod b'],
  ] as const;
  expect(await explained({ events })).toEqual([
    'Warning of Pod manager-1: BackOff: later',
    'Warning of Pod manager-1: Failed: pod b',
  ]);
});

const crashed = {
  containerStatuses: [
    {
      name: 'manager',
      ready: false,
      restartCount: 2,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 20s' } },
      lastState: { terminated: { exitCode: 1, reason: 'Error' } },
    },
  ],
};
const crash =
  'pod manager-1: container manager waits: CrashLoopBackOff (back-off 20s), it ended with 1 (Error) 2 times';

test('a program that ends is quoted with what it wrote at last, where the node can say', async () => {
  expect(await explained({ pod: crashed, log: 'starting\n\nno such option: --x\n' })).toEqual([
    crash,
    '  it wrote: starting',
    '  it wrote: no such option: --x',
  ]);
  expect(await explained({ pod: crashed })).toEqual([crash]);
});

test('a pod that no node takes says why', async () => {
  const conditions = [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }];
  expect(await explained({ pod: { conditions } })).toEqual([
    'pod manager-1: no node takes it: 0/1 nodes are available',
  ]);
});
