// node bench/library.ts: what it costs to import the library and to have an operator that does nothing.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { packedProject } from './lib/packed.ts';
import { median, startProgram, usage } from './lib/process.ts';
import { atMost, print } from './lib/table.ts';

const importTime = `
  const began = performance.now();
  await import('setpoint');
  console.log(performance.now() - began);
`;

const project = process.env.BENCH_PROJECT ?? packedProject();
const folder = mkdtempSync(join(tmpdir(), 'setpoint-bench-'));
const kubeconfig = join(folder, 'kubeconfig');
try {
  const imports = Array.from({ length: 15 }, () => Number(inNode(importTime)));
  const figures = [
    atMost("import 'setpoint', median of 15 processes", median(imports), 60, 'ms'),
    await idleOperator(),
  ];
  print('Library', figures);
  process.exitCode = figures.every((figure) => figure.met) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function inNode(source: string): string {
  return execFileSync(process.execPath, ['--input-type=module', '-e', source], { cwd: project, encoding: 'utf8' });
}

/** An operator of one kind with metrics and probes, as a pod would run it, after ten seconds of rest. */
async function idleOperator() {
  cpSync(join(import.meta.dirname, 'idle-operator.mjs'), join(project, 'idle-operator.mjs'));
  const cli = join(project, 'node_modules/@setpoint/cli/bin/setpoint.js');
  await using _ = await startProgram(process.execPath, [cli, 'controlplane', '--kubeconfig', kubeconfig], /^ready /);
  const memory: number[] = [];
  for (let round = 0; round < 3; round++) {
    const flags = [
      '--metrics-bind-address=127.0.0.1:0',
      '--health-probe-bind-address=127.0.0.1:0',
      '--log-format=json',
    ];
    const program = await startProgram(process.execPath, ['idle-operator.mjs', ...flags], /Starting workers/, {
      cwd: project,
      env: { KUBECONFIG: kubeconfig },
    });
    await delay(10_000);
    memory.push(usage(program.pid).rssMib);
    await program[Symbol.asyncDispose]();
  }
  return atMost('idle operator RSS, median of 3', median(memory), 80, 'MiB');
}
