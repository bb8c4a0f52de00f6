// Runs in the project with the packed packages: lists 10,000 Pods from a server, keeps them, and says what that cost.
// The server is another process: what is measured is the cache's own time and memory.
import { systemClock, systemRandom } from '@setpoint/apimachinery/clock';
import { createCaches } from 'setpoint/cache';
import { createClient } from 'setpoint/client';
import { Pod } from 'setpoint/core/v1';
import { index } from 'setpoint/kinds';

const [server] = process.argv.slice(2);
const log = { info() {}, warn: console.error, error: console.error };
const client = createClient({ config: { server, namespace: 'default' } });
const caches = createCaches({ client, clock: systemClock, random: systemRandom, log });
const byName = index(Pod, (pod) => pod.metadata.name);
const store = caches.acquire({ kind: Pod, indexes: [byName] });

global.gc();
const before = process.memoryUsage().heapUsed;
let longest = 0;
let cpu = process.cpuUsage();
const timer = setInterval(() => {
  const used = process.cpuUsage(cpu);
  longest = Math.max(longest, (used.user + used.system) / 1000);
  cpu = process.cpuUsage();
}, 1);
const began = performance.now();
caches.start();
await store.synced();
const seconds = (performance.now() - began) / 1000;
clearInterval(timer);
global.gc();
global.gc();
const objects = store.list().length;
const heap = (process.memoryUsage().heapUsed - before) / objects / 1024;
const rss = process.memoryUsage().rss / 1024 / 1024;
console.log(JSON.stringify({ objects, longest, heap, seconds, rss }));
process.exit(0);
