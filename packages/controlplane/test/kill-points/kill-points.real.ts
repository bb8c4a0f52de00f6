import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Random, seededRandom } from '@setpoint/apimachinery/clock';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { AppendLog, openFolder, Store } from '../../src/store/index.ts';

const programs = mkdtempSync(join(tmpdir(), 'setpoint-kill-programs-'));
afterAll(() => rmSync(programs, { recursive: true, force: true }));

/** Packed once, for each program is started many times: reading its sources would take most of each life. */
beforeAll(async () => {
  const bundle = await rolldown({
    input: ['writer', 'log-writer'].map((name) => fileURLToPath(new URL(`${name}.ts`, import.meta.url))),
    platform: 'node',
    treeshake: { moduleSideEffects: false },
  });
  await bundle.write({ dir: programs, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' });
  await bundle.close();
});

/** What may be found of one name: what was confirmed last, or what was sent after it. */
class Expectation {
  readonly #possible = new Map<string, string[]>();

  send(name: string, value: string): void {
    this.#possible.set(name, [...(this.#possible.get(name) ?? ['-']), value]);
  }

  done(name: string, value: string): void {
    this.#possible.set(name, [value]);
  }

  /** Takes what is found for what holds from now on. @returns what should not be */
  check(found: ReadonlyMap<string, string>): string[] {
    const wrong: string[] = [];
    for (const name of new Set([...this.#possible.keys(), ...found.keys()])) {
      const value = found.get(name) ?? '-';
      const possible = this.#possible.get(name) ?? ['-'];
      if (!possible.includes(value)) wrong.push(`${name} is ${value}, and could be ${possible.join(' or ')}`);
      this.#possible.set(name, [value]);
    }
    return wrong;
  }
}

/** Starts the writer, and kills it at a random moment after some of its writes are answered. */
async function killOnce(program: string, folder: string, seed: string, random: Random, expected: Expectation) {
  const child = spawn(process.execPath, [join(programs, program), folder, seed], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const errors: Buffer[] = [];
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes));
  const enough = Math.floor(random.next() * 30);
  let writes = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [what, name = '', value = ''] = line.split(' ');
    if (what === 'send') expected.send(name, value);
    else if (what === 'done') {
      expected.done(name, value);
      writes++;
      if (writes === enough + 1) void wait(random.next() * 5).then(() => child.kill('SIGKILL'));
    }
  }
  await ended;
  expect(child.signalCode, Buffer.concat(errors).toString()).toBe('SIGKILL');
  return writes;
}

/** What the next start finds. */
async function read(folder: string) {
  const said: string[] = [];
  const store = new Store();
  const log = AppendLog.open(
    {
      disk: openFolder(folder, { fsync: true }),
      present: () => store.present(),
      revision: () => store.revision,
      tell: (text) => said.push(text),
    },
    (record) => store.restore(record),
  );
  await log.close();
  const found = new Map<string, string>();
  for (const record of store.present()) {
    if (record.type !== 'put' || !record.key.startsWith('default/n')) continue;
    found.set(
      record.key.slice('default/'.length),
      (record.object as unknown as { readonly data: { readonly value: string } }).data.value,
    );
  }
  return { found, said };
}

async function play(program: string, kills: number, seed: string, { onTestFinished }: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'setpoint-kill-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const random = seededRandom(seed);
  const expected = new Expectation();
  let writes = 0;
  for (let kill = 1; kill <= kills; kill++) {
    writes += await killOnce(program, folder, `${seed}-${kill}`, random, expected);
    const { found } = await read(folder);
    expect(expected.check(found), `after kill ${kill} of seed ${seed}`).toEqual([]);
  }
  return writes;
}

test.concurrent('every answered write is there after each of 170 kills of the log', {
  timeout: 300_000,
}, async (context) => {
  expect(await play('log-writer.mjs', 170, 'log', context)).toBeGreaterThan(1000);
});

test.concurrent('every answered write is there after each of 40 kills of a server', {
  timeout: 300_000,
}, async (context) => {
  expect(await play('writer.mjs', 40, 'server', context)).toBeGreaterThan(200);
});
