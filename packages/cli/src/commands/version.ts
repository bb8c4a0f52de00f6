import { readFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { emulatedVersion } from '@setpoint/controlplane';
import type { Output } from '../output.ts';

/** The facts that a bug report needs. */
export function version(options: { readonly json?: boolean }, output: Output): void {
  const facts = versionFacts();
  if (options.json) {
    output.out(`${JSON.stringify(facts, undefined, 2)}\n`);
    return;
  }
  output.out(
    [
      `Setpoint:       ${facts.setpoint}`,
      `Commit:         ${facts.commit}`,
      `Built:          ${facts.built}`,
      `Kubernetes API: ${facts.kubernetes}`,
      `Node:           ${facts.node}`,
      `OS/Arch:        ${facts.platform}`,
      '',
    ].join('\n'),
  );
}

function versionFacts() {
  // The manifest lies one folder above both src/ and dist/; packing stamps it with what it was built from.
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'));
  return {
    setpoint: manifest.version as string,
    commit: (manifest.setpoint?.commit as string | undefined) ?? 'unknown (a source checkout)',
    built: (manifest.setpoint?.built as string | undefined) ?? 'unknown (a source checkout)',
    kubernetes: emulatedVersion,
    node: process.versions.node,
    platform: `${platform()}/${arch()}`,
  };
}
