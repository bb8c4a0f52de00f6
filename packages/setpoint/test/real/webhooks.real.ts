import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControlPlane } from '@setpoint/controlplane';
import { describe, inject, it } from 'vitest';
import { servesItsWebhooks } from '../webhook-scenario.ts';

describe('an operator serves its webhooks and conversions, with certificates of its own', () => {
  it('on a real server', () => servesItsWebhooks(inject('realKubeconfig'), { writesSpokes: true }));

  it('on the embedded control plane', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'setpoint-webhooks-'));
    await using controlPlane = createControlPlane();
    try {
      const kubeconfig = join(folder, 'kubeconfig');
      await controlPlane.listen({ kubeconfig });
      await servesItsWebhooks(kubeconfig, { writesSpokes: false });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
