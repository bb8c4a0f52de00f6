// biome-ignore-all lint/suspicious/noExplicitAny: manifests are looked into as JSON.
import { expect, it } from 'vitest';
import { z } from 'zod';
import { Pod } from '../kinds/builtin/core/v1.ts';
import { defineCrd, defineKind, spoke } from '../kinds/index.ts';
import { certificateNeeds, crdManifest, rulesFor, webhookManifests, webhookServiceManifest } from './index.ts';

const service = { namespace: 'system', name: 'op-webhook-service' };
const registration = (type: 'mutating' | 'validating'): any => ({
  type,
  kind: Pod,
  path: `/${type}--v1-pod`,
  operations: ['CREATE'],
  failurePolicy: 'Ignore',
  sideEffects: 'None',
  timeoutSeconds: 5,
  objectSelector: { matchLabels: { a: 'b' } },
  matchConditions: [],
});

it('a configuration of each sort names the webhook, its rules and where it is', () => {
  const registrations = [registration('mutating'), registration('validating')];
  const [mutating, validating] = webhookManifests({
    name: 'op',
    registrations,
    endpoint: { service },
    caBundle: 'pem',
  });
  expect(mutating?.metadata.name).toBe('op-mutating-webhook-configuration');
  expect(validating?.kind).toBe('ValidatingWebhookConfiguration');
  expect(mutating?.webhooks).toEqual([
    {
      name: 'mpod-v1.core.k8s.io',
      admissionReviewVersions: ['v1'],
      clientConfig: { service: { ...service, port: 443, path: '/mutating--v1-pod' }, caBundle: 'cGVt' },
      rules: [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: 'Namespaced' },
      ],
      failurePolicy: 'Ignore',
      matchPolicy: 'Equivalent',
      sideEffects: 'None',
      timeoutSeconds: 5,
      objectSelector: { matchLabels: { a: 'b' } },
    },
  ]);
  expect(webhookManifests({ name: 'op', registrations: [], endpoint: { service } })).toEqual([]);
});

it('cert-manager is told by an annotation, and nobody else fills in the bundle', () => {
  const registrations = [registration('validating')];
  const [only] = webhookManifests({
    name: 'op',
    registrations,
    endpoint: { url: 'https://h:1' },
    certManager: 'ns/cert',
  });
  expect(only?.metadata.annotations).toEqual({ 'cert-manager.io/inject-ca-from': 'ns/cert' });
  expect((only as any).webhooks[0].clientConfig).toEqual({ url: 'https://h:1/validating--v1-pod' });
});

it('a CRD with spokes is converted by the operator, and cannot be written without saying where that is', () => {
  const names = { group: 'a.example.com', kind: 'Disk', spec: z.object({ size: z.int() }) };
  const [v1, v2] = [defineKind({ ...names, version: 'v1' }), defineKind({ ...names, version: 'v2' })];
  const same = { toHub: ({ spec }: any) => ({ spec }), fromHub: ({ spec }: any) => ({ spec }) };
  const crd = defineCrd({ storage: v1, hub: v1, spokes: [spoke(v1, v2, same)] });
  expect(crdManifest(crd, { conversion: { endpoint: { service } } }).spec.conversion).toEqual({
    strategy: 'Webhook',
    webhook: {
      clientConfig: { service: { ...service, port: 443, path: '/convert' } },
      conversionReviewVersions: ['v1'],
    },
  });
  expect(() => crdManifest(crd)).toThrow('conversion: { endpoint }');
});

it('what makes its own certificates may do no more with them than that', () => {
  const needs = certificateNeeds({
    name: 'op',
    namespace: 'system',
    types: new Set(['validating']),
    crds: ['disks.a'],
  });
  expect(rulesFor(needs)).toMatchObject({
    cluster: [
      {
        resources: ['validatingwebhookconfigurations'],
        resourceNames: ['op-validating-webhook-configuration'],
        verbs: ['get', 'patch'],
      },
      { resources: ['customresourcedefinitions'], resourceNames: ['disks.a'], verbs: ['get', 'patch'] },
    ],
    namespaces: {
      system: [
        { resources: ['secrets'], verbs: ['create'] },
        { resources: ['secrets'], resourceNames: ['op-webhook-server-cert'], verbs: ['get', 'update'] },
      ],
    },
  });
  expect(certificateNeeds({ name: 'op', namespace: 'system', types: new Set(), crds: [] })).toEqual([]);
});

it('the Service leads to the port of the pods', () => {
  const made = webhookServiceManifest({ name: 'op', namespace: 'system', selector: { app: 'op' } }) as any;
  expect(made.spec).toEqual({ ports: [{ port: 443, protocol: 'TCP', targetPort: 9443 }], selector: { app: 'op' } });
});
