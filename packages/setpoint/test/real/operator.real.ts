import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControlPlane } from '@setpoint/controlplane';
import { describe, inject, it } from 'vitest';
import { ownsItsChildren } from '../operator-scenario.ts';

describe('an operator keeps its children, its status and its finalizer', () => {
  it('on a real server', () => ownsItsChildren(inject('realKubeconfig')));

  it('on the embedded control plane', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'setpoint-operator-'));
    await using controlPlane = createControlPlane();
    try {
      const kubeconfig = join(folder, 'kubeconfig');
      await controlPlane.listen({ kubeconfig });
      await ownsItsChildren(kubeconfig);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
