import { arch, platform } from 'node:os';
import manifest from '@setpoint/cli/package.json' with { type: 'json' };
import { emulatedVersion } from '@setpoint/controlplane/version';
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

/** Packing stamps the manifest with what it was built from. */
function versionFacts() {
  const { version, setpoint: stamp } = manifest as { version: string; setpoint?: { commit: string; built: string } };
  return {
    setpoint: version,
    commit: stamp?.commit ?? 'unknown (a source checkout)',
    built: stamp?.built ?? 'unknown (a source checkout)',
    kubernetes: emulatedVersion,
    node: process.versions.node,
    platform: `${platform()}/${arch()}`,
  };
}
