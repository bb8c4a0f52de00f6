import type { Session } from 'node:inspector/promises';
import { type Clock, sleep } from '@setpoint/apimachinery/clock';

/** What Chrome's developer tools open as `.cpuprofile`. */
export function cpuProfile(seconds: number, clock: Clock, signal: AbortSignal): Promise<string> {
  return withInspector(async (session) => {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    await sleep(clock, seconds * 1000, { signal });
    return JSON.stringify((await session.post('Profiler.stop')).profile);
  });
}

/** Where memory was allocated that is still there: `.heapprofile`. */
export function heapProfile(seconds: number, clock: Clock, signal: AbortSignal): Promise<string> {
  return withInspector(async (session) => {
    await session.post('HeapProfiler.startSampling');
    await sleep(clock, seconds * 1000, { signal });
    return JSON.stringify((await session.post('HeapProfiler.stopSampling')).profile);
  });
}

/** All objects: `.heapsnapshot`. Everything stands still while it is taken, and it takes as much memory again. */
export async function heapSnapshot(): Promise<AsyncIterable<Uint8Array>> {
  const { getHeapSnapshot } = await import('node:v8');
  return getHeapSnapshot();
}

async function withInspector(record: (session: Session) => Promise<string>): Promise<string> {
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  try {
    return await record(session);
  } finally {
    session.disconnect();
  }
}
