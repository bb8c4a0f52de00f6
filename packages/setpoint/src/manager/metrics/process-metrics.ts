// Also for those who compile these sources and no others: a project beside them.
/// <reference path="./prom-client-parts.d.ts" />
import type { Registry } from 'prom-client';
import measureLoop from 'prom-client/lib/metrics/eventLoopLag.js';
import measureCollection from 'prom-client/lib/metrics/gc.js';
import measureHeap from 'prom-client/lib/metrics/heapSizeAndUsed.js';
import measureSpaces from 'prom-client/lib/metrics/heapSpacesSizeAndUsed.js';
import measureMemory from 'prom-client/lib/metrics/osMemoryHeap.js';
import measureMostFiles from 'prom-client/lib/metrics/processMaxFileDescriptors.js';
import measureFiles from 'prom-client/lib/metrics/processOpenFileDescriptors.js';
import measureStart from 'prom-client/lib/metrics/processStartTime.js';
import measureVersion from 'prom-client/lib/metrics/version.js';
import type { Makers } from './makers.ts';

/** Not handles, requests and resources: gauges whose names promise counters, and to name every open handle is not cheap. */
const measured = [
  measureStart,
  measureMemory,
  measureFiles,
  measureMostFiles,
  measureLoop,
  measureHeap,
  measureSpaces,
  measureVersion,
  measureCollection,
];

/** `process_*` and `nodejs_*`, among them the delay of the event loop; read at each scrape. */
export function measureProcess({ asked }: Makers, register: Registry): void {
  // At prom-client's own 10 ms an operator at rest wakes a hundred times a second: 0.9 % of a core for one histogram.
  for (const measure of measured) measure(register, { eventLoopMonitoringPrecision: 100 });
  const seconds = (name: string, help: string, of: (usage: NodeJS.CpuUsage) => number) =>
    asked('counter', name, help, [], () => [[{}, of(process.cpuUsage()) / 1e6]]);
  seconds('process_cpu_user_seconds_total', 'Processor time of the program itself', ({ user }) => user);
  seconds('process_cpu_system_seconds_total', 'Processor time of the system for the program', ({ system }) => system);
  seconds('process_cpu_seconds_total', 'Processor time of both', ({ user, system }) => user + system);
}
