import { closeSync, openSync, readSync } from 'node:fs';
import { Failure } from '../failure.ts';
import type { Platform } from '../registry/index.ts';

/** The machine of an ELF file, by the names that images use. */
const machines: Readonly<Record<number, string>> = { 3: '386', 40: 'arm', 62: 'amd64', 183: 'arm64', 243: 'riscv64' };

/** What a native module is made for, from the first bytes of its file. */
export function nativePlatform(start: Uint8Array): string {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const magic = start.length < 20 ? 0 : view.getUint32(0);
  if (magic === 0x7f454c46) {
    const machine = view.getUint16(18, start[5] !== 2);
    return `linux/${machines[machine] ?? `machine ${machine}`}`;
  }
  if ([0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe].includes(magic)) return 'darwin';
  return magic >>> 16 === 0x4d5a ? 'windows' : 'an unknown platform';
}

/**
 * A package may bring native modules for many platforms, but one of them has to be for that of the image.
 *
 * @param files the native modules (`*.node`) of one package
 * @throws Failure
 */
export function refuseForeignModules(name: string, files: readonly string[], platform: Platform): void {
  if (files.length === 0) return;
  const wanted = `${platform.os}/${platform.architecture}`;
  const found = new Set(files.map((file) => nativePlatform(firstBytes(file))));
  if (found.has(wanted)) return;
  throw new Failure(
    `${name} has native code for ${[...found].sort().join(', ')} and none for ${wanted}: install the dependencies on such a machine, or for it`,
  );
}

function firstBytes(file: string): Uint8Array {
  const bytes = Buffer.alloc(20);
  const handle = openSync(file, 'r');
  try {
    return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(handle);
  }
}
