// Runs in the project with the packed packages: lists Pods from a server, keeps them, lists them a second time since the
// server has forgotten its history, and says what that cost.
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
let events = 0;
store.subscribe(() => events++);

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
const first = longest;
longest = 0;
// The second list swaps in changed revisions: each object is an event.
while (events < 2 * store.stats().objects) await new Promise((resolve) => setTimeout(resolve, 20));
clearInterval(timer);
global.gc();
global.gc();
const objects = store.list().length;
const estimate = store.stats().bytes / objects / 1024;
const heap = (process.memoryUsage().heapUsed - before) / objects / 1024;
const rss = process.memoryUsage().rss / 1024 / 1024;
console.log(JSON.stringify({ objects, longest: first, again: longest, heap, estimate, seconds, rss }));
process.exit(0);
