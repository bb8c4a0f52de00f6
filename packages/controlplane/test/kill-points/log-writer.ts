// As writer.ts, on the store and its log alone, with snapshots every few kilobytes: starts fast, and dies in the
// middle of every change of files.
//
// usage: log-writer.ts FOLDER SEED
import { writeSync } from 'node:fs';
import { seededRandom } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { AppendLog, openFolder, Store } from '../../src/store/index.ts';

const [folder = '', seed = ''] = process.argv.slice(2);
const random = seededRandom(seed);
const say = (line: string) => writeSync(1, `${line}\n`);

let log: AppendLog | undefined;
const store = new Store({ record: (record) => log?.append(record) });
log = AppendLog.open(
  {
    disk: openFolder(folder, { fsync: true }),
    present: () => store.present(),
    revision: () => store.revision,
    tell: (text) => say(`tell ${text}`),
    snapshotBytes: 8000,
  },
  (record) => store.restore(record),
);
const objects = store.collection('configmaps');

async function write(writer: number): Promise<void> {
  for (let turn = 0; ; turn++) {
    const name = `n${writer}-${Math.floor(random.next() * 6)}`;
    const key = `default/${name}`;
    const isDelete = random.next() < 0.2;
    const value = isDelete ? '-' : `${seed}.${turn}${'x'.repeat(Math.floor(random.next() * 300))}`;
    say(`send ${name} ${value}`);
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } } as KubeObject;
    objects.commit(key, undefined, isDelete ? undefined : object);
    await log?.flushed();
    say(`done ${name} ${value}`);
  }
}

say('ready');
await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
