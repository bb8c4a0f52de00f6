import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Operator } from 'setpoint/manager';
import type { CrdManifest, WebhookConfigurationManifest } from 'setpoint/manifests';
import { sampleOf } from './sample.ts';

/** Creations that an API server cannot let pass, nor refuse, without asking an operator. */
export interface WebhookProbes {
  readonly objects: readonly KubeObject[];
  /** Of the operator's webhooks, as refusals name them. */
  readonly names: readonly string[];
}

/**
 * What is asked about to see whether webhooks answer: an object of every kind with a webhook for creations, and one of
 * every version that is converted before it is stored.
 *
 * @param manifests all that is deployed
 */
export function webhookProbes({ webhooks }: Operator, manifests: readonly KubeObject[]): WebhookProbes {
  const crds = manifests.filter(isCrd);
  const ofOthers = webhooks.filter(
    ({ kind, operations }) => operations.includes('CREATE') && !crds.some(defines(kind)),
  );
  const asked = (crd: CrdManifest, version: string) =>
    webhooks.some(
      ({ kind, operations }) => operations.includes('CREATE') && defines(kind)(crd) && kind.version === version,
    );
  const own = crds.flatMap((crd) => {
    const converts = (crd.spec.conversion as { strategy?: string } | undefined)?.strategy === 'Webhook';
    const versions = crd.spec.versions.filter(
      ({ name, served, storage }) => served && ((converts && !storage) || asked(crd, name)),
    );
    return versions.map(({ name }) => sampleOf(crd, name));
  });
  const bare = ofOthers.map(({ kind }) => ({
    apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
    kind: kind.kind,
    metadata: kind.scope === 'Cluster' ? {} : { namespace: 'default' },
  }));
  const objects = [...own, ...(bare as KubeObject[])].map((object) => {
    const { name: _, ...metadata } = object.metadata;
    return { ...object, metadata: { ...metadata, generateName: 'setpoint-deploy-' } } as unknown as KubeObject;
  });
  const entries = manifests.filter(isConfiguration).flatMap(({ webhooks }) => webhooks);
  return { objects, names: (entries as readonly { name: string }[]).map(({ name }) => name) };
}

function defines({ group, kind }: { readonly group: string; readonly kind: string }) {
  return ({ spec }: CrdManifest) => spec.group === group && spec.names.kind === kind;
}

function isCrd(manifest: KubeObject): manifest is KubeObject & CrdManifest {
  return manifest.kind === 'CustomResourceDefinition';
}

function isConfiguration(manifest: KubeObject): manifest is KubeObject & WebhookConfigurationManifest {
  return manifest.kind === 'MutatingWebhookConfiguration' || manifest.kind === 'ValidatingWebhookConfiguration';
}
