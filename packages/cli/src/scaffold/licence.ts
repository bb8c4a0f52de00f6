import type { ScaffoldFile } from './project-files.ts';

/** Under which licence a project is, as its sources say it. */
export interface Licence {
  readonly license: 'apache2';
  /** Whose the copyright is. */
  readonly owner: string;
}

/** By what package.json names it. */
export const spdx = { apache2: 'Apache-2.0' } as const satisfies Record<Licence['license'], string>;

/**
 * The files with a header of two lines above each source, if a licence was chosen. It names no year: a header that
 * changes with the calendar would make the same call write another file.
 */
export function withLicence(files: readonly ScaffoldFile[], licence: Licence | undefined): readonly ScaffoldFile[] {
  if (!licence) return files;
  const header = `// Copyright ${licence.owner}\n// SPDX-License-Identifier: ${spdx[licence.license]}\n\n`;
  return files.map((file) => (file.path.endsWith('.ts') ? { ...file, text: `${header}${file.text}` } : file));
}
