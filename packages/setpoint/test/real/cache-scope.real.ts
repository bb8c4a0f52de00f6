import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControlPlane } from '@setpoint/controlplane';
import { describe, inject, it } from 'vitest';
import { keepsAPart, mirrorsASecondCluster, waitsForItsKind, worksInItsNamespaces } from '../cache-scope-scenarios.ts';

/** The real server goes on serving watches of a kind for a minute or two after its definition is gone. */
const timeout = 400_000;

describe.each([
  ['works in its namespaces, and says which rules it lacks', worksInItsNamespaces],
  ['keeps the part of a kind that it was told to', keepsAPart],
  ['waits for a kind whose definition comes and goes', waitsForItsKind],
])('an operator %s', (_, scenario) => {
  it.concurrent('on a real server', { timeout }, () => scenario(inject('realKubeconfig')));

  it.concurrent('on the embedded control plane', { timeout }, () => onEmbedded(scenario));
});

describe('an operator of two clusters mirrors the second one', () => {
  it.concurrent('into a real server', { timeout }, () =>
    onEmbedded((second) => mirrorsASecondCluster(inject('realKubeconfig'), second)),
  );

  it.concurrent('into the embedded control plane', { timeout }, () =>
    onEmbedded((own) => onEmbedded((second) => mirrorsASecondCluster(own, second))),
  );
});

async function onEmbedded(scenario: (kubeconfig: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'setpoint-cache-scope-'));
  await using controlPlane = createControlPlane();
  try {
    const kubeconfig = join(folder, 'kubeconfig');
    await controlPlane.listen({ kubeconfig });
    await scenario(kubeconfig);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
