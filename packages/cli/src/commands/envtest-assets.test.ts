import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/command.ts';
import { makeAssets } from './envtest-assets.ts';

test('makes a folder of programs that run whatever the environment is, and finds it again', () => {
  const cache = join(temporaryFolder(), "it's a cache");
  const folder = makeAssets({ cache, node: process.execPath, path: '' });
  expect(readdirSync(folder)).toEqual(['etcd', 'kube-apiserver']);
  expect(makeAssets({ cache, node: process.execPath, path: '' })).toBe(folder);
  expect(readdirSync(join(cache, 'envtest-assets'))).toHaveLength(1);
  for (const program of ['etcd', 'kube-apiserver']) expect(statSync(join(folder, program)).mode & 0o111).toBe(0o111);
  const { status, stdout } = spawnSync(join(folder, 'etcd'), ['--version'], { env: {}, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'etcd Version: 3.6.8\n' });
});

test('takes along a kubectl that is on the path', () => {
  const cache = temporaryFolder();
  const bin = join(cache, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'kubectl'), '#!/bin/sh\n');
  const path = `:/does/not/exist:${bin}`;
  expect(existsSync(join(makeAssets({ cache, node: process.execPath, path }), 'kubectl'))).toBe(false);
  chmodSync(join(bin, 'kubectl'), 0o755);
  expect(readdirSync(makeAssets({ cache, node: process.execPath, path }))).toContain('kubectl');
});
