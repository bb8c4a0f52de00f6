// Writes to a control plane with a data folder, eight requests at a time, and says on standard output what each was
// about before it is sent and after it is answered; until it is killed.
//
// usage: writer.ts FOLDER SEED
import { writeSync } from 'node:fs';
import { seededRandom } from '@setpoint/apimachinery/clock';
import { createControlPlane } from '../../src/index.ts';

const [dataDir = '', seed = ''] = process.argv.slice(2);
const controlPlane = createControlPlane({ dataDir, controllers: [] });
const random = seededRandom(seed);
const say = (line: string) => writeSync(1, `${line}\n`);

/** Writers never meet at one name, so that each name's writes have an order. */
async function write(writer: number): Promise<void> {
  for (let turn = 0; ; turn++) {
    const name = `n${writer}-${Math.floor(random.next() * 6)}`;
    const url = '/api/v1/namespaces/default/configmaps';
    const isDelete = random.next() < 0.2;
    const value = isDelete ? '-' : `${seed}.${turn}${'x'.repeat(Math.floor(random.next() * 300))}`;
    say(`send ${name} ${value}`);
    const response = await controlPlane.handle({
      method: isDelete ? 'DELETE' : 'PUT',
      url: `${url}/${name}`,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(
        isDelete ? '' : JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } }),
      ),
      signal: new AbortController().signal,
    });
    if (response.status === 404 && !isDelete) {
      const created = await controlPlane.handle({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } })),
        signal: new AbortController().signal,
      });
      if (created.status !== 201) throw new Error(`the creation of ${name} was answered with ${created.status}`);
    } else if (response.status !== 200 && !(isDelete && response.status === 404)) {
      throw new Error(`the write of ${name} was answered with ${response.status}`);
    }
    say(`done ${name} ${value}`);
  }
}

say('ready');
await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
