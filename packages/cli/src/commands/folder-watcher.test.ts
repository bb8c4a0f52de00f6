import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FolderWatcher } from './folder-watcher.ts';

let folder: string;
let seen: string[];
let watcher: FolderWatcher;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setpoint-watch-'));
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  writeFileSync(join(folder, 'a/b/x.ts'), '1');
  seen = [];
  watcher = new FolderWatcher(folder, (file) => seen.push(file));
});

afterEach(() => {
  watcher[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

const told = (file: string) => vi.waitFor(() => expect(seen).toContain(file), { timeout: 5000 });

test('a file that is written in place is told of', async () => {
  writeFileSync(join(folder, 'a/b/x.ts'), '2');
  await told('a/b/x.ts');
});

test('a file that is saved by renaming another over it is told of each time', async () => {
  for (let i = 0; i < 3; i++) {
    seen.length = 0;
    writeFileSync(join(folder, 'a/b/temporary'), String(i));
    renameSync(join(folder, 'a/b/temporary'), join(folder, 'a/b/x.ts'));
    await told('a/b/x.ts');
  }
});

test('files in folders that come later are told of, and what happens to them', async () => {
  mkdirSync(join(folder, 'new/deep'), { recursive: true });
  writeFileSync(join(folder, 'new/deep/y.ts'), '1');
  await told('new/deep/y.ts');
  await vi.waitFor(async () => {
    seen.length = 0;
    writeFileSync(join(folder, 'new/deep/y.ts'), '2');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toContain('new/deep/y.ts');
  });
});

test('a folder that goes and comes back is watched again', async () => {
  rmSync(join(folder, 'a'), { recursive: true });
  await told('a');
  seen.length = 0;
  mkdirSync(join(folder, 'a'));
  await told('a');
  await vi.waitFor(async () => {
    writeFileSync(join(folder, 'a/z.ts'), String(seen.length));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toContain('a/z.ts');
  });
});
