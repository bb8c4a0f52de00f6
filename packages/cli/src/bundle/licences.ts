import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareBytes } from '@setpoint/apimachinery/json';
import type { BundledFile } from './bundle.ts';
import type { AnyPackage } from './packages.ts';

/** Whose work a bundle has in it, and under which licence: most ask that their text goes along. */
export function licencesOf(packages: readonly AnyPackage[]): BundledFile[] {
  const texts = new Map<string, string>();
  for (const { name, version, folder, linked } of packages) {
    const title = `${name} ${version}`;
    if (linked || texts.has(title)) continue;
    const file = readdirSync(folder)
      .sort(compareBytes)
      .find((one) => /^(licen[cs]e|copying)\b/i.test(one));
    const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
    texts.set(title, text);
  }
  if (texts.size === 0) return [];
  const sections = [...texts].sort(([a], [b]) => compareBytes(a, b)).map(([title, text]) => `${title}\n\n${text}\n`);
  return [{ name: 'LICENSES.txt', text: sections.join(`\n${'-'.repeat(80)}\n\n`), own: false }];
}
