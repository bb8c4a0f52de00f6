import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { command, temporaryFolder } from '../../test/command.ts';

function busyPort(): Promise<number> {
  const server = createServer();
  onTestFinished(() => void server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

test('prints one line on standard output, and ends with 0 when it is stopped', async () => {
  const kubeconfig = join(temporaryFolder(), 'new/folder/kubeconfig');
  const { code, out, err } = await command('controlplane', '--kubeconfig', kubeconfig);
  expect(code).toBe(0);
  expect(out).toMatch(/^ready https:\/\/127\.0\.0\.1:\d+\n$/);
  expect(err).toBe(`export KUBECONFIG=${kubeconfig}\n`);
  expect(readFileSync(kubeconfig, 'utf8')).toContain(out.slice('ready '.length).trim());
  expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
});

test('keeps a kubeconfig to its owner even if the file was open to all before', async () => {
  const kubeconfig = join(temporaryFolder(), 'kubeconfig');
  writeFileSync(kubeconfig, 'old', { mode: 0o666 });
  expect((await command('controlplane', '--kubeconfig', kubeconfig)).code).toBe(0);
  expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
});

test('says which port is busy, and leaves no kubeconfig', async () => {
  const port = await busyPort();
  const kubeconfig = join(temporaryFolder(), 'kubeconfig');
  const result = await command('controlplane', '--secure-port', String(port), '--kubeconfig', kubeconfig);
  const err = `setpoint: port ${port} of 127.0.0.1 is in use; choose another with --secure-port\n`;
  expect(result).toEqual({ code: 1, out: '', err });
  expect(existsSync(kubeconfig)).toBe(false);
});

test.for([
  ['a folder', 'EISDIR', (folder: string) => mkdirSync(join(folder, 'kubeconfig'))],
  ['below a file', 'EEXIST', (folder: string) => writeFileSync(join(folder, 'kubeconfig'), '')],
] as const)('says that the kubeconfig cannot be written to %s, and leaves nothing', async ([where, reason, make]) => {
  const folder = temporaryFolder();
  make(folder);
  const kubeconfig = join(folder, 'kubeconfig', where === 'a folder' ? '' : 'x');
  const { code, out, err } = await command('controlplane', '--kubeconfig', kubeconfig);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(/^setpoint: the kubeconfig cannot be written to .* \(E\w+\); choose another file with --kubec/);
  expect(err).toContain(reason);
  expect(readdirSync(folder)).toEqual(['kubeconfig']);
});

test('says that an address is not of this machine', async () => {
  const kubeconfig = join(temporaryFolder(), 'kubeconfig');
  const { code, err } = await command('controlplane', '--bind-address', '192.0.2.1', '--kubeconfig', kubeconfig);
  expect(code).toBe(1);
  expect(err).toBe('setpoint: 192.0.2.1 is no address of this machine; choose another with --bind-address\n');
});

test('runs the controllers that are named, by either name, all of them or none', async () => {
  for (const list of ['*', 'namespace', '*,-garbage-collector-controller', '']) {
    const kubeconfig = join(temporaryFolder(), 'kubeconfig');
    expect((await command('controlplane', '--controllers', list, '--kubeconfig', kubeconfig)).code).toBe(0);
  }
});
