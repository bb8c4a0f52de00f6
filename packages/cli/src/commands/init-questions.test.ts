import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../test/command.ts';
import type { InitFlags } from './init.ts';
import { askForInit } from './init-questions.ts';

/** A person who answers the questions that a terminal shows, each by the keys for it. */
function person(keys: readonly (readonly [question: string, keys: string])[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 30 });
  let shown = '';
  const left = [...keys];
  output.on('data', (data) => {
    shown += data;
    const [next] = left;
    if (!next || !shown.includes(next[0])) return;
    left.shift();
    shown = '';
    setImmediate(() => input.write(next[1]));
  });
  return { seat: { input, output }, left: () => left.map(([question]) => question), said: () => shown };
}

const enter = '\r';
const flags: InitFlags = { api: true };

test('what is not said is asked; return takes what is proposed', async () => {
  vi.stubEnv('npm_config_user_agent', 'pnpm/10.4.1 npm/? node/v24.1.0 linux x64');
  const folder = join(temporaryFolder(), 'happy-friends');
  const { seat, left } = person([
    ['What is the operator called?', enter],
    ['With which domain', `my.domain${enter}`],
    ['Make a first kind', enter],
    ['Which kind?', `Friend${enter}`],
    ['In which group?', enter],
    ['Which package manager?', enter],
    ['Which licence?', enter],
    ['Install its packages', `n${enter}`],
  ]);
  expect(await askForInit(folder, flags, seat)).toEqual({
    folder,
    name: 'happy-friends',
    domain: 'my.domain',
    api: true,
    kind: 'Friend',
    group: 'happy-friends',
    packageManager: 'pnpm',
    license: 'none',
    install: false,
  });
  expect(left()).toEqual([]);
  vi.unstubAllEnvs();
});

test('what was said is not asked', async () => {
  const folder = join(temporaryFolder(), 'new');
  const { seat, left } = person([['Install its packages', enter]]);
  const said = { api: false, name: 'a', domain: 'b.c', packageManager: 'npm', license: 'none' } as const;
  expect(await askForInit(folder, said, seat)).toEqual({ ...said, folder, install: true });
  expect(left()).toEqual([]);
});

test('an answer that would be refused is refused at once, and asked again', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'mine.txt'), '');
  const backspaces = (text: string) => '\x7f'.repeat(text.length);
  const { seat } = person([
    ['In which folder?', `${folder}${enter}`],
    ['is not empty (mine.txt)', `/new${enter}`],
    ['What is the operator called?', `Foo${enter}`],
    ['lower-case letters', `${backspaces('Foo')}foo${enter}`],
    ['With which domain', `k8s.io${enter}`],
    ['belongs to Kubernetes', `.my.domain${enter}`],
    ['Make a first kind', enter],
    ['Which kind?', `foo${enter}`],
    ['is no name for it', `${backspaces('foo')}Foo${enter}`],
    ['In which group?', enter],
    ['Which package manager?', enter],
    ['Which licence?', enter],
    ['Install its packages', enter],
  ]);
  expect(await askForInit(undefined, flags, seat)).toMatchObject({
    folder: `${folder}/new`,
    name: 'foo',
    domain: 'k8s.io.my.domain',
    kind: 'Foo',
  });
});

test('what was said and makes no sense is refused before anything is asked', async () => {
  const { seat, said } = person([]);
  await expect(askForInit('new', { ...flags, domain: 'A' }, seat)).rejects.toThrow('--domain is a domain');
  expect(said()).toBe('');
});

test('Ctrl-C at any question ends it, and nothing was written', async () => {
  const around = temporaryFolder();
  const { seat } = person([
    ['What is the operator called?', enter],
    ['With which domain', '\x03'],
  ]);
  await expect(askForInit(join(around, 'new'), flags, seat)).rejects.toThrow('cancelled; nothing was written');
  expect(readdirSync(around)).toEqual([]);
});
