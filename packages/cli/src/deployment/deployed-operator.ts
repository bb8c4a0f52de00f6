import type { DeployedOperator } from 'setpoint/deployment';
import { deployedNeeds, type Operator } from 'setpoint/manager';
import { crdManifest, type WebhookConnection } from 'setpoint/manifests';
import { convertedCrds, hooksOf } from 'setpoint/webhook';

/** What the deployment of an operator follows from; `version` is that of its package. */
export function deployedOperator(operator: Operator, version: string): DeployedOperator {
  const { name, kinds, crds, webhooks } = operator;
  const registrations = hooksOf(webhooks);
  return {
    name,
    version,
    needs: (namespace) => deployedNeeds(operator, namespace),
    crds: (conversion: WebhookConnection) =>
      [...kinds, ...crds]
        .map((definition) => crdManifest(definition as Parameters<typeof crdManifest>[0], { conversion }))
        .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1)),
    registrations,
    servesWebhooks: registrations.length > 0 || convertedCrds(crds).length > 0,
  };
}
