// What the cluster lives in goes with whoever started it, however that ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cluster, patience } from './testing.ts';

const owner = `
import { Machine } from '${join(import.meta.dirname, 'machine.ts')}';
const machine = await Machine.start(process.argv[1]);
machine.start('sleep', 'sleep', ['1000']);
console.log(machine.pid);
setInterval(() => undefined, 1000);`;

const links = () => Object.keys(networkInterfaces()).filter((name) => name.startsWith('setpoint'));

test('a machine whose owner was killed leaves no process, no mount and no network behind', async () => {
  const before = links();
  const flags = ['--input-type=module', '--disable-warning=ExperimentalWarning', '--eval', owner, cluster.logs];
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const pid = String(line).trim();
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  expect(links()).toHaveLength(before.length + 1);
  child.kill('SIGKILL');
  await expect.poll(() => existsSync(`/proc/${pid}`), patience).toBe(false);
  await expect.poll(links, patience).toEqual(before);
});
