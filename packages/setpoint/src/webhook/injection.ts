import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Client } from '../client/index.ts';
import { isConflict, isInvalid, isNotFound } from '../errors/index.ts';
import { type AnyKind, dynamicKind } from '../kinds/index.ts';
import { webhookNames } from '../manifests/index.ts';
import type { Hook } from './types.ts';

/** An object that names the operator's server to the API server, and so has to say whom to trust. */
export interface InjectionTarget {
  readonly kind: AnyKind;
  readonly name: string;
}

const configuration = (kind: string) =>
  dynamicKind({
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    kind,
    plural: `${kind.toLowerCase()}s`,
    scope: 'Cluster',
    status: false,
  });

const kinds: Readonly<Record<'mutating' | 'validating', AnyKind>> = {
  mutating: configuration('MutatingWebhookConfiguration'),
  validating: configuration('ValidatingWebhookConfiguration'),
};

const definitionKind: AnyKind = dynamicKind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  scope: 'Cluster',
});

/** What an operator with these hooks and CRDs has to put its bundle into. */
export function injectionTargets(
  operator: string,
  hooks: readonly Hook[],
  crds: readonly { readonly name: string }[],
): readonly InjectionTarget[] {
  const names = webhookNames(operator);
  const types = (['mutating', 'validating'] as const).filter((type) => hooks.some((hook) => hook.type === type));
  return [
    ...types.map((type) => ({ kind: kinds[type], name: names[type] })),
    ...crds.map(({ name }) => ({ kind: definitionKind, name })),
  ];
}

const maximumAttempts = 5;

/**
 * Puts the bundle wherever the object has a `clientConfig`. The patch tests the revision that was read, so that nothing
 * is written over what somebody else has changed meanwhile; then it is read again.
 */
export async function injectBundle(
  client: Pick<Client, 'get' | 'patch'>,
  { kind, name }: InjectionTarget,
  bundle: string,
  signal: AbortSignal,
): Promise<'injected' | 'unchanged' | 'missing'> {
  const caBundle = Buffer.from(bundle).toString('base64');
  for (let attempt = 1; ; attempt++) {
    try {
      const object = (await client.get(kind, { name }, { signal })) as KubeObject;
      const stale = clientConfigs(object).filter(({ present }) => present !== caBundle);
      if (stale.length === 0) return 'unchanged';
      const body = [
        { op: 'test' as const, path: '/metadata/resourceVersion', value: object.metadata.resourceVersion },
        ...stale.map(({ path }) => ({ op: 'add' as const, path: `${path}/caBundle`, value: caBundle })),
      ];
      await client.patch(kind, { name }, { type: 'json', body }, { signal });
      return 'injected';
    } catch (error) {
      if (isNotFound(error)) return 'missing';
      // A test that fails is a 422.
      if (!(isConflict(error) || isInvalid(error)) || attempt === maximumAttempts) throw error;
    }
  }
}

interface ClientConfigPlace {
  readonly path: string;
  readonly present: string | undefined;
}

interface ClientConfig {
  readonly caBundle?: string;
}

interface Configured {
  readonly webhooks?: readonly { readonly clientConfig: ClientConfig }[];
  readonly spec?: { readonly conversion?: { readonly webhook?: { readonly clientConfig?: ClientConfig } } };
}

function clientConfigs(object: KubeObject): readonly ClientConfigPlace[] {
  const { webhooks = [], spec } = object as Configured;
  const conversion = spec?.conversion?.webhook?.clientConfig;
  return [
    ...webhooks.map(({ clientConfig }, index) => ({
      path: `/webhooks/${index}/clientConfig`,
      present: clientConfig.caBundle,
    })),
    ...(conversion ? [{ path: '/spec/conversion/webhook/clientConfig', present: conversion.caBundle }] : []),
  ];
}
