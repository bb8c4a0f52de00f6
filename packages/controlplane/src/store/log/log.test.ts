import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { Store } from '../store.ts';
import { type Disk, openFolder } from './disk.ts';
import { AppendLog } from './log.ts';
import { MemoryDisk } from './testing/memory-disk.ts';

interface Opened {
  readonly store: Store;
  readonly log: AppendLog;
  readonly said: readonly string[];
}

/** A store over what `disk` holds, that writes down what happens to it. */
function open(disk: Disk, snapshotBytes?: number): Opened {
  const said: string[] = [];
  let log: AppendLog | undefined;
  const store = new Store({ record: (record) => log?.append(record) });
  log = AppendLog.open(
    {
      disk,
      present: () => store.present(),
      revision: () => store.revision,
      tell: (text) => said.push(text),
      ...(snapshotBytes === undefined ? {} : { snapshotBytes }),
    },
    (record) => store.restore(record),
  );
  return { store, log, said };
}

const toy = (name: string, value: unknown = ''): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Toy', metadata: { name }, value }) as unknown as KubeObject;

function stateOf(store: Store): Record<string, unknown> {
  return Object.fromEntries(
    store.present().map((record) => [record.type === 'put' ? `${record.storageKey} ${record.key}` : '', record]),
  );
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'setpoint-log-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('what was written to a folder is there at the next start, with its revisions, and so is its history', async () => {
  const path = folder();
  const first = open(openFolder(path, { fsync: true }));
  const toys = first.store.collection('g/toys');
  toys.commit('a', 0, toy('a', 2n ** 60n));
  toys.commit('b', 0, toy('b'));
  const since = first.store.revision;
  toys.commit('a', undefined, toy('a', JSON.parse('{"__proto__": 1, "2": 3, "1": null}')));
  toys.commit('b', undefined, undefined);
  await first.log.close();

  const second = open(openFolder(path, { fsync: true }));
  expect(second.store.revision).toBe(first.store.revision);
  expect(stateOf(second.store)).toEqual(stateOf(first.store));
  const changes = second.store.collection('g/toys').changesAfter(since);
  expect(changes.map(({ type, key, revision }) => [type, key, revision])).toEqual([
    ['update', 'a', since + 1],
    ['delete', 'b', since + 2],
  ]);
  expect(second.said).toEqual([]);
  await second.log.close();
});

test('a folder is used by one process at a time, and a lock of the dead does not count', async () => {
  const path = folder();
  const first = open(openFolder(path, { fsync: false }));
  expect(() => openFolder(path, { fsync: false })).toThrow(
    new RegExp(`the data folder ${path} is in use by process ${process.pid}; end it, or choose another`),
  );
  await first.log.close();
  // No process can have this number.
  writeFileSync(join(path, 'lock'), '4194999\n');
  await open(openFolder(path, { fsync: false })).log.close();
});

test('a forgotten past stays forgotten, and so does what was before a reset', async () => {
  const disk = new MemoryDisk();
  const { store, log } = open(disk);
  const toys = store.collection('toys');
  toys.commit('a', 0, toy('a'));
  store.compact();
  toys.commit('b', 0, toy('b'));
  await log.flushed();
  const again = open(disk).store;
  expect([again.compacted, again.collection('toys').completeSince]).toEqual([2, 2]);

  log.append({ type: 'reset', revision: 10 });
  await log.flushed();
  const empty = open(disk).store;
  expect([empty.revision, empty.present()]).toEqual([10, []]);
});

test('writers of one moment share one confirmation of the disk', async () => {
  const disk = new MemoryDisk();
  const { store, log } = open(disk);
  const toys = store.collection('toys');
  for (let i = 0; i < 100; i++) toys.commit(`a${i}`, 0, toy(`a${i}`));
  const all = log.flushed();
  expect(log.flushed()).toBe(all);
  await all;
  expect(log.flushed()).toBeUndefined();
});

test('a snapshot takes the place of a long log, and loses nothing that comes while it is written', async () => {
  const disk = new MemoryDisk();
  const { store, log, said } = open(disk, 20_000);
  const toys = store.collection('toys');
  for (let i = 0; i < 600; i++) {
    toys.commit(`a${i % 50}`, undefined, toy(`a${i % 50}`, 'x'.repeat(100)));
    if (i % 7 === 0) toys.commit(`a${(i + 5) % 50}`, undefined, undefined);
    if (i % 3 === 0) await log.flushed();
  }
  await log.close();
  expect(disk.names().filter((name) => name.startsWith('snapshot'))).toHaveLength(1);
  const kept = [...disk.files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  expect(kept).toBeLessThan(disk.appended / 2);
  expect(stateOf(open(disk).store)).toEqual(stateOf(store));
  expect(said).toEqual([]);
});

test('whenever the power is lost, everything confirmed is there, in order, and the torn rest is cut with a word', async () => {
  let torn = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ key: fc.nat(5), size: fc.nat(80), wait: fc.boolean() }), { minLength: 1, maxLength: 30 }),
      fc.integer(),
      fc.constantFrom(200, 2000, 1_000_000),
      async (steps, seed, snapshotBytes) => {
        const random = seededRandom(seed);
        const disk = new MemoryDisk();
        const { store, log } = open(disk, snapshotBytes);
        const toys = store.collection('toys');
        const history: Record<string, unknown>[] = [stateOf(store)];
        let confirmed = 0;
        for (const { key, size, wait } of steps) {
          const before = store.revision;
          if (size < 5) toys.commit(`a${key}`, undefined, undefined);
          else toys.commit(`a${key}`, undefined, toy(`a${key}`, 'y'.repeat(size)));
          if (store.revision !== before) history.push(stateOf(store));
          const { length } = history;
          void log.flushed()?.then(() => {
            confirmed = Math.max(confirmed, length - 1);
          });
          if (wait) for (let turns = Math.floor(random.next() * 12); turns > 0; turns--) await undefined;
        }
        const found = disk.afterPowerLoss(random, 16);
        const sure = confirmed;
        const after = open(found);
        torn += after.said.length;
        const state = stateOf(after.store);
        const matching = history.findIndex(
          (past, index) => index >= sure && JSON.stringify(past) === JSON.stringify(state),
        );
        expect(matching).toBeGreaterThanOrEqual(sure);
        // And it goes on from there.
        after.store.collection('toys').commit('new', undefined, toy('new'));
        await after.log.close();
        expect(stateOf(open(found).store)).toEqual(stateOf(after.store));
        await log.close();
      },
    ),
    { numRuns: 300 },
  );
  expect(torn).toBeGreaterThan(10);
});

test('a byte that changed in what was confirmed is damage: nothing starts, and nothing is cut', async () => {
  const disk = new MemoryDisk();
  const { store, log } = open(disk);
  for (const name of ['a', 'b', 'c']) {
    store.collection('toys').commit(name, 0, toy(name));
    await log.flushed();
  }
  const [name = ''] = disk.names();
  const good = Buffer.from(disk.read(name));
  const damaged = Buffer.from(good);
  damaged[40] = (damaged[40] as number) ^ 1;
  disk.write(name, damaged);
  expect(() => open(disk)).toThrow(
    /^memory\/log-0{16} is damaged at byte 8: .* Nothing was changed\. Restore the folder/,
  );
  expect(Buffer.from(disk.read(name))).toEqual(damaged);
});

test('a disk that takes no more confirms nothing more, and says so once', async () => {
  const disk = new MemoryDisk();
  const { store, log, said } = open(disk);
  store.collection('toys').commit('a', 0, toy('a'));
  await log.flushed();
  disk.failure = new Error('ENOSPC: no space left on device');
  store.collection('toys').commit('b', 0, toy('b'));
  const sentence =
    'the data folder memory cannot be written (ENOSPC: no space left on device): no request is answered any more; make room and start again';
  await expect(log.flushed()).rejects.toThrow(sentence);
  disk.failure = undefined;
  store.collection('toys').commit('c', 0, toy('c'));
  await expect(log.flushed()).rejects.toThrow(sentence);
  expect(said).toEqual([sentence]);
  await log.close();
  expect(Object.keys(stateOf(open(disk).store))).toEqual(['toys a']);
});
