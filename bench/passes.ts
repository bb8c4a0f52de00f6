// node bench/passes.ts: whether what a pass leaves behind in memory goes away.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packedProject } from './lib/packed.ts';
import { atMost, print } from './lib/table.ts';

const project = process.env.BENCH_PROJECT ?? packedProject();
const folder = mkdtempSync(join(tmpdir(), 'setpoint-bench-'));
try {
  cpSync(join(import.meta.dirname, 'passes-probe.mjs'), join(project, 'passes-probe.mjs'));
  const output = execFileSync(process.execPath, ['--expose-gc', 'passes-probe.mjs', join(folder, 'kubeconfig')], {
    cwd: project,
    encoding: 'utf8',
  });
  // One signal, closure or promise that stays would be hundreds of bytes.
  const figures = [
    atMost('heap that a pass leaves behind, 10,000 passes', JSON.parse(output).bytesPerPass, 200, 'bytes'),
  ];
  print('Passes', figures);
  process.exitCode = figures.every((figure) => figure.met) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
