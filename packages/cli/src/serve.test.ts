import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../test/command.ts';
import { main } from './main.ts';
import { serve } from './serve.ts';

/** What the process would say and end with. */
async function run(program: typeof main, flags: readonly string[]) {
  const said: string[] = [];
  const stop = new AbortController();
  const write = (text: string) => {
    said.push(text.replace(/127\.0\.0\.1:\d+/, 'HOST').replaceAll(/^\s+at .*\n/gm, ''));
    if (text.startsWith('ready ')) setImmediate(() => stop.abort());
  };
  const code = await program(['controlplane', ...flags], { out: write, err: write }, () => stop.signal);
  return { code, said };
}

test.for([
  ['--no-such-flag'],
  ['--etcd-servers=http://127.0.0.1:2379'],
  ['--controllers', 'nobody'],
  ['--bind-address', '192.0.2.1'],
  ['--debug', '--controllers', 'nobody'],
  ['operand'],
  ['--authorization-mode', 'AlwaysAllow', '--debug'],
] as const)('the way around the other commands is the same: %s', async (flags) => {
  const all = [...flags, '--kubeconfig', join(temporaryFolder(), 'kubeconfig')];
  const [short, long] = [await run(serve, all), await run(main, all)];
  expect(short).toEqual(long);
  expect(short.said.length).toBeGreaterThan(0);
});
