import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControlPlane } from '@setpoint/controlplane';
import { describe, inject, it } from 'vitest';
import { keepsChildrenAsValues } from '../children-scenario.ts';

describe('an operator applies the children it answers with', () => {
  it('on a real server', () => keepsChildrenAsValues(inject('realKubeconfig')));

  it('on the embedded control plane', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'setpoint-children-'));
    await using controlPlane = createControlPlane();
    try {
      const kubeconfig = join(folder, 'kubeconfig');
      await controlPlane.listen({ kubeconfig });
      await keepsChildrenAsValues(kubeconfig);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
