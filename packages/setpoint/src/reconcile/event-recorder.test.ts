import { FakeClock } from '@setpoint/apimachinery/clock';
import { describe, expect, test } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { plain, Zone } from '../../test/fake/kinds.ts';
import { type LogLine, recordingLog } from '../../test/fake/operator.ts';
import { EventRecorder, type Log } from './index.ts';

const object = { apiVersion: 'test.example.com/v1', kind: 'Plain', metadata: { ...plain('a').metadata, uid: 'u' } };

function make(log?: Log) {
  const api = new FakeApi();
  const clock = new FakeClock();
  const lines: LogLine[] = [];
  const recorder = new EventRecorder({
    client: api.client,
    clock,
    log: log ?? recordingLog(lines),
    reportingController: 'test/plain',
    reportingInstance: 'test-here',
  });
  return { api, clock, lines, recorder, events: () => api.list({ kind: 'Event' }) };
}

describe('events', () => {
  test('are events.k8s.io/v1 about the object, in its namespace', async () => {
    const { clock, recorder, events } = make();
    recorder.record('Normal', object, 'Created', 'made a child', { related: object, action: 'Create' });
    await clock.advance(0);
    expect(events()).toMatchObject([
      {
        apiVersion: 'events.k8s.io/v1',
        metadata: { namespace: 'default' },
        eventTime: '2026-01-01T00:00:00.000000Z',
        reportingController: 'test/plain',
        reportingInstance: 'test-here',
        action: 'Create',
        reason: 'Created',
        regarding: { apiVersion: 'test.example.com/v1', kind: 'Plain', namespace: 'default', name: 'a', uid: 'u' },
        related: { name: 'a' },
        note: 'made a child',
        type: 'Normal',
      },
    ]);
    expect(events()[0].metadata.name).toMatch(/^a\.[0-9a-f]+$/);
  });

  test('about a cluster-scoped object are in namespace default', async () => {
    const { clock, recorder, events } = make();
    recorder.record(
      'Normal',
      { apiVersion: Zone.apiVersion, kind: 'Zone', metadata: { name: 'z', uid: 'u' } },
      'R',
      'n',
    );
    await clock.advance(0);
    expect(events()[0].metadata.namespace).toBe('default');
  });

  test('that repeat become a series: counted at once, then every half hour, and when it has been quiet', async () => {
    const { api, clock, recorder, events } = make();
    const tell = async (times: number) => {
      for (let i = 0; i < times; i++) {
        recorder.record('Warning', object, 'ProcessingError', 'no quota');
        await clock.advance(60_000);
      }
    };
    await tell(2);
    expect(events()[0].series).toMatchObject({ count: 2 });
    await tell(20);
    expect(events()[0].series.count).toBe(2);
    await tell(20);
    expect(events()[0].series.count).toBeGreaterThan(30);
    await clock.advance(13 * 60_000);
    expect(events()[0].series).toMatchObject({ count: 42 });
    expect(events()).toHaveLength(1);
    await tell(1);
    expect(events()).toHaveLength(2);
    expect(api.writes.length).toBeLessThan(8);
  });

  test('with notes of their own are events of their own, but not without end', async () => {
    const { clock, recorder, events } = make();
    for (let i = 0; i < 50; i++) recorder.record('Warning', object, 'ProcessingError', `request ${i} failed`);
    await clock.advance(0);
    expect(events()).toHaveLength(10);
  });

  test('have notes of at most 1024 bytes, cut between characters', async () => {
    const { clock, recorder, events } = make();
    recorder.record('Warning', object, 'R', 'ä'.repeat(2000));
    await clock.advance(0);
    expect(Buffer.byteLength(events()[0].note)).toBeLessThanOrEqual(1024);
    expect(events()[0].note).toMatch(/^ä+…$/);
  });

  test('that cannot be sent are logged and forgotten', async () => {
    const { api, clock, lines, recorder, events } = make();
    api.fault = () => new Error('no route');
    recorder.record('Normal', object, 'R', 'first');
    await clock.advance(0);
    api.fault = () => undefined;
    recorder.record('Normal', object, 'R', 'second');
    await clock.advance(0);
    expect(lines).toMatchObject([{ level: 'warn', error: 'no route' }]);
    expect(events()).toHaveLength(1);
    expect(recorder.pending).toBe(0);
  });

  test('that fail under a log that throws hold up no later one', async () => {
    const broken = () => {
      throw new Error('no room on the disk');
    };
    const log: Log = { debug: broken, info: broken, warn: broken, error: broken, child: () => log };
    const { api, clock, recorder, events } = make(log);
    api.fault = () => new Error('no route');
    recorder.record('Normal', object, 'R', 'first');
    await clock.advance(0);
    api.fault = () => undefined;
    recorder.record('Normal', object, 'R', 'second');
    await clock.advance(0);
    expect([events().length, recorder.pending]).toEqual([1, 0]);
  });

  test('that wait are sent when the recorder closes; afterwards nothing is', async () => {
    const { clock, recorder, events } = make();
    recorder.record('Normal', object, 'R', 'n');
    recorder.record('Normal', object, 'R', 'n');
    await recorder.close(new AbortController().signal);
    expect(events()[0].series.count).toBe(2);
    recorder.record('Normal', object, 'R', 'late');
    await clock.advance(3_600_000);
    expect(events()).toHaveLength(1);
    expect(clock.nextDue()).toBeUndefined();
  });
});
