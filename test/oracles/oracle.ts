// Small Go programs over Kubernetes' own modules that say what the real thing does. Built into the cache that the real
// API server is in, outside the checkout.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { binaryFolder } from '../real-apiserver/build.ts';

/** The path of the program of a folder beside this file; built if it is missing or older than its source. */
export function buildOracle(name: string): string {
  const source = join(import.meta.dirname, name);
  const folder = join(binaryFolder(), 'oracles');
  const target = join(folder, name);
  mkdirSync(folder, { recursive: true });
  const sources = readdirSync(source).filter((file) => /\.go$|^go\.mod$/.test(file));
  const newest = Math.max(...sources.map((file) => statSync(join(source, file)).mtimeMs));
  if (existsSync(target) && statSync(target).mtimeMs > newest) return target;
  // Built beside the target and renamed, so that an interrupted build leaves no half a program behind.
  const building = `${target}.${process.pid}`;
  const result = spawnSync('go', ['build', '-buildvcs=false', '-ldflags', '-s -w', '-o', building, '.'], {
    cwd: source,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  if (result.status !== 0) throw new Error(`go build of the oracle ${name} failed; its message is above`);
  renameSync(building, target);
  return target;
}

/** Asks a program all questions at once: one line of JSON each, and one line of answer. */
export function ask<Answer>(program: string, questions: readonly object[]): readonly Answer[] {
  const input = questions.map((question) => `${JSON.stringify(question)}\n`).join('');
  const { status, stdout, stderr } = spawnSync(program, { input, maxBuffer: 2 ** 30, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}
