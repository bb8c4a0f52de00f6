import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeKubeconfig } from './kubeconfig.ts';
import { parseYaml } from './yaml.ts';

test('a kubeconfig holds everything, and only its owner can read it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  const path = join(folder, 'deeper', 'config');
  const options = { server: 'https://[::1]:6443', authority: 'CA', client: { certificate: 'CERT', key: 'KEY' } };
  await writeKubeconfig(path, options);
  await writeFile(path, 'older', { mode: 0o644 });
  await writeKubeconfig(path, options);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  expect(parseYaml(await readFile(path, 'utf8')).value).toEqual({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'setpoint',
    clusters: [{ name: 'setpoint', cluster: { server: options.server, 'certificate-authority-data': base64('CA') } }],
    contexts: [{ name: 'setpoint', context: { cluster: 'setpoint', user: 'setpoint' } }],
    users: [
      { name: 'setpoint', user: { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') } },
    ],
  });
  await rm(folder, { recursive: true });
});
