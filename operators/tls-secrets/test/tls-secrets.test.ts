// biome-ignore-all lint/suspicious/noExplicitAny: what carries a CA is of six kinds, looked into at one place each.
import { X509Certificate } from 'node:crypto';
import { createCertificateAuthority } from '@setpoint/apimachinery/certificates';
import { FakeClock, runPass, type TestEnvironment, testEnvironment } from '@setpoint/testing';
import { type AnyKind, type Controller, dynamicKind } from 'setpoint';
import { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from 'setpoint/admissionregistration.k8s.io/v1';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { ConfigMap, Secret } from 'setpoint/core/v1';
import { Event } from 'setpoint/events.k8s.io/v1';
import { Ingress } from 'setpoint/networking.k8s.io/v1';
import { expect, test } from 'vitest';
import { caInjectionControllers } from '../src/controllers/ca-injection.ts';
import { expiryAlertController } from '../src/controllers/expiry-alert.ts';
import operator from '../src/operator.ts';

const namespace = 'default';
const prefix = 'cert-utils-operator.redhat-cop.io';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const day = 24 * 60 * 60 * 1000;

function certificates(name: string, { lifetime = 365 * day, now = 0 } = {}) {
  const authority = createCertificateAuthority(name, { lifetime, now });
  const { certificate, key } = authority.issueServer([`${name}.example.com`]);
  return { ca: authority.certificate, certificate, key };
}

const one = certificates('one');
const other = certificates('other');

function tlsSecret(name: string, { ca, certificate, key } = one, annotations: Record<string, string> = {}) {
  const data = { 'tls.crt': base64(certificate), 'tls.key': base64(key), 'ca.crt': base64(ca) };
  return { metadata: { name, namespace, annotations }, type: 'kubernetes.io/tls', data };
}

async function environment(): Promise<TestEnvironment> {
  const env = await testEnvironment();
  await env.start(operator);
  return env;
}

async function annotate(env: TestEnvironment, kind: AnyKind, key: object, annotations: Record<string, string | null>) {
  const named = Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`${prefix}/${name}`, value]));
  await env.client.patch(kind, key as never, { type: 'merge', body: { metadata: { annotations: named } } });
  await env.settled();
}

async function replace(env: TestEnvironment, name: string, of: typeof one) {
  const { data } = tlsSecret(name, of);
  await env.client.patch(Secret, { name, namespace }, { type: 'merge', body: { data } });
  await env.settled();
}

const from = { [`${prefix}/injectca-from-secret`]: `${namespace}/ca` };
const clientConfig = { service: { namespace, name: 's', path: '/' } };
const webhook = {
  name: 'a.b.c',
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig,
  failurePolicy: 'Ignore',
};

const carriers: Record<string, { kind: AnyKind; object: object; bundle: (object: any) => string | undefined }> = {
  ValidatingWebhookConfiguration: {
    kind: ValidatingWebhookConfiguration,
    object: { metadata: { name: 'c', annotations: from }, webhooks: [webhook, { ...webhook, name: 'd.e.f' }] },
    bundle: ({ webhooks }) => {
      const [first, second] = webhooks.map((hook: any) => hook.clientConfig.caBundle);
      expect(second).toBe(first);
      return first;
    },
  },
  MutatingWebhookConfiguration: {
    kind: MutatingWebhookConfiguration,
    object: { metadata: { name: 'c', annotations: from }, webhooks: [webhook] },
    bundle: ({ webhooks }) => webhooks[0].clientConfig.caBundle,
  },
  CustomResourceDefinition: {
    kind: CustomResourceDefinition,
    object: {
      metadata: { name: 'things.example.com', annotations: from },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
        conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } },
      },
    },
    bundle: ({ spec }) => spec.conversion.webhook.clientConfig.caBundle,
  },
  Secret: {
    kind: Secret,
    object: { metadata: { name: 'c', namespace, annotations: from } },
    bundle: ({ data }) => data?.['ca.crt'],
  },
  ConfigMap: {
    kind: ConfigMap,
    object: { metadata: { name: 'c', namespace, annotations: from }, data: { mine: 'yes' } },
    bundle: ({ data }) => {
      expect(data.mine).toBe('yes');
      return data['ca.crt'] === undefined ? undefined : base64(data['ca.crt']);
    },
  },
};

test.each(Object.entries(carriers))(
  'a %s has the CA that it names, follows it, and gives it back',
  async (_, carrier) => {
    const { kind, object, bundle } = carrier;
    await using env = await environment();
    const created = (await env.client.create(kind, object as never)) as any;
    const { name, namespace: of } = created.metadata;
    const key = of ? { name, namespace: of } : { name };
    const present = async () => bundle(await env.client.get(kind, key));
    await env.settled();
    expect(await present()).toBe(undefined);
    await env.client.create(Secret, tlsSecret('ca'));
    await env.settled();
    expect(await present()).toBe(base64(one.ca));
    await replace(env, 'ca', other);
    expect(await present()).toBe(base64(other.ca));
    const { resourceVersion } = (await env.client.get(kind, key)).metadata;
    await annotate(env, Secret, { name: 'ca', namespace }, { 'generate-cert-info': 'true' });
    expect((await env.client.get(kind, key)).metadata.resourceVersion).toBe(resourceVersion);
    await annotate(env, kind, key, { 'injectca-from-secret': null });
    expect(await present()).toBe(undefined);
  },
);

test('an APIService has the CA that it names', async () => {
  const apiService = {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1.x.example.com', annotations: from },
    spec: {
      group: 'x.example.com',
      version: 'v1',
      service: { namespace, name: 's' },
      groupPriorityMinimum: 1,
      versionPriority: 1,
    },
  };
  const injection = caInjectionControllers.find(({ kind }) => kind?.kind === 'APIService') as Controller;
  const secret = { apiVersion: 'v1', kind: 'Secret', ...tlsSecret('ca') };
  const { object } = await runPass(injection, [apiService, secret]);
  expect(object).toMatchObject({ spec: { caBundle: base64(one.ca), groupPriorityMinimum: 1 } });
});

test('a reference that is none is said in an Event, once', async () => {
  await using env = await environment();
  const annotations = { [`${prefix}/injectca-from-secret`]: 'no-namespace' };
  await env.client.create(ConfigMap, { metadata: { name: 'c', namespace, annotations } });
  await env.settled();
  const { items } = await env.client.list(Event, { namespace });
  const notes = items
    .filter(({ regarding }) => regarding?.name === 'c')
    .map(({ reason, note }) => `${reason}: ${note}`);
  expect(notes).toHaveLength(1);
  expect(notes[0]).toContain('"no-namespace" is not namespace/name of a Secret');
});

test('a Secret says what its certificates are, while asked', async () => {
  await using env = await environment();
  await env.client.create(Secret, tlsSecret('s', one, { [`${prefix}/generate-cert-info`]: 'true' }));
  await env.settled();
  const info = async () => (await env.client.get(Secret, { name: 's', namespace })).data?.['tls.crt.info'];
  const text = Buffer.from((await info()) ?? '', 'base64').toString();
  expect(text).toContain('Subject Alternative Name: DNS:one.example.com');
  expect(text).toMatch(/Not After : \w+ .*GMT/);
  await annotate(env, Secret, { name: 's', namespace }, { 'generate-cert-info': 'false' });
  expect(await info()).toBe(undefined);
});

test('a certificate that is about to expire is said in an Event, and looked at more often', async () => {
  const clock = new FakeClock();
  const soon = (left: number, annotations: Record<string, string> = {}) => {
    const of = certificates('old', { now: clock.now(), lifetime: left });
    const wished = { [`${prefix}/generate-cert-expiry-alert`]: 'true', ...annotations };
    const secret = { apiVersion: 'v1', kind: 'Secret', ...tlsSecret('s', of, wished) };
    return runPass(expiryAlertController, [secret], { clock });
  };
  const hour = 60 * 60 * 1000;
  const far = await soon(91 * day);
  expect([far.outcome, far.events]).toMatchObject([{ type: 'requeueAfter', after: 168 * hour }, []]);
  const near = await soon(80 * day + hour);
  expect(near.outcome).toMatchObject({ type: 'requeueAfter', after: hour });
  expect(near.events).toEqual([
    { type: 'Warning', reason: 'Certs Soon to Expire', note: 'Certificate expiring in 80 days' },
  ]);
  const wished = await soon(80 * day, {
    [`${prefix}/cert-soon-to-expire-threshold`]: '48h',
    [`${prefix}/cert-expiry-check-frequency`]: 'soon',
  });
  expect([wished.outcome, wished.events]).toMatchObject([{ type: 'requeueAfter', after: 168 * hour }, []]);
});

test('when certificates were issued and expire is served as metrics, of TLS Secrets alone, and goes with them', async () => {
  await using env = await testEnvironment();
  const manager = await env.start(operator, { metricsBindAddress: '127.0.0.1:0' });
  const { host, port } = manager.addresses.metrics as { host: string; port: number };
  const served = async () => {
    const answer = await fetch(`http://${host}:${port}/metrics`);
    return (await answer.text()).split('\n').filter((line) => /^(certutils_|setpoint_metric_errors)/.test(line));
  };
  const short = certificates('short', { lifetime: 10 * day, now: day });
  const chain = { ...one, certificate: `${one.certificate}${short.certificate}` };
  const data = { 'tls.crt': base64('no certificate'), 'tls.key': '' };
  await env.client.create(Secret, tlsSecret('s', chain));
  await env.client.create(Secret, { metadata: { name: 'broken', namespace }, type: 'kubernetes.io/tls', data });
  await env.client.create(Secret, { metadata: { name: 'other', namespace }, data: tlsSecret('s').data });
  await env.settled();
  const labels = `{name="s",namespace="${namespace}"}`;
  const { validFrom, validTo } = new X509Certificate(short.certificate);
  const none = ['expiry', 'issue'].map(
    (which) => `setpoint_metric_errors_total{metric="certutils_certificate_${which}_time"} 0`,
  );
  expect((await served()).sort()).toEqual([
    `certutils_certificate_expiry_time${labels} ${Date.parse(validTo) / 1000}`,
    `certutils_certificate_issue_time${labels} ${Date.parse(validFrom) / 1000}`,
    ...none,
  ]);
  await env.client.delete(Secret, { name: 's', namespace });
  await env.settled();
  expect((await served()).sort()).toEqual(none);
});

test('an Ingress ends TLS for its hosts with the Secret that it names', async () => {
  await using env = await environment();
  const path = { path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } };
  const rule = (host: string) => ({ host, http: { paths: [path] } });
  await env.client.create(Ingress, {
    metadata: { name: 'i', namespace, annotations: { [`${prefix}/certs-from-secret`]: 's' } },
    spec: {
      tls: [{ hosts: ['b.example.com'], secretName: 'mine' }],
      rules: [rule('a.example.com'), rule('b.example.com')],
    },
  } as never);
  const get = () => env.client.get(Ingress, { name: 'i', namespace });
  await env.settled();
  await env.client.create(Secret, tlsSecret('s'));
  await env.settled();
  const mine = { hosts: ['b.example.com'], secretName: 'mine' };
  expect((await get()).spec?.tls).toEqual([mine, { hosts: ['a.example.com'], secretName: 's' }]);
  const hash = async () => (await get()).metadata.annotations?.[`${prefix}/certificate-hash`];
  const before = await hash();
  await replace(env, 's', other);
  expect(await hash()).not.toBe(before);
  await annotate(env, Ingress, { name: 'i', namespace }, { 'certs-from-secret': null });
  expect((await get()).spec?.tls).toEqual([mine]);
  expect(await hash()).toBe(undefined);
});

const Route = dynamicKind({ group: 'route.openshift.io', version: 'v1', kind: 'Route' });

function routeDefinition() {
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    metadata: { name: 'routes.route.openshift.io' },
    spec: {
      group: 'route.openshift.io',
      scope: 'Namespaced',
      names: { plural: 'routes', singular: 'route', kind: 'Route', listKind: 'RouteList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}

test('a Route has key and certificate, the CA if it asks for it, and gives them back', async () => {
  await using env = await testEnvironment();
  await env.client.create(CustomResourceDefinition, routeDefinition() as never);
  await env.settled();
  await env.start(operator);
  await env.client.create(Secret, tlsSecret('s'));
  await env.client.create(Secret, tlsSecret('d', other));
  await env.client.create(Route, {
    metadata: {
      name: 'r',
      namespace,
      annotations: { [`${prefix}/certs-from-secret`]: 's', [`${prefix}/destinationCA-from-secret`]: 'd' },
    },
    spec: { tls: { termination: 'reencrypt' } },
  } as never);
  await env.settled();
  const key = { name: 'r', namespace };
  const tls = async () => ((await env.client.get(Route, key)) as any).spec.tls;
  const all = {
    termination: 'reencrypt',
    certificate: one.certificate,
    key: one.key,
    destinationCACertificate: other.ca,
  };
  expect(await tls()).toEqual(all);
  await annotate(env, Route, key, { 'inject-CA': 'true' });
  expect(await tls()).toEqual({ ...all, caCertificate: one.ca });
  await replace(env, 's', other);
  expect((await tls()).certificate).toBe(other.certificate);
  await annotate(env, Route, key, { 'certs-from-secret': null });
  expect(await tls()).toEqual({ termination: 'reencrypt', destinationCACertificate: other.ca });
  await annotate(env, Route, key, { 'destinationCA-from-secret': null });
  expect(await tls()).toEqual({ termination: 'reencrypt' });
});

test('without Routes in the cluster the others work', async () => {
  await using env = await environment();
  await env.client.create(Secret, tlsSecret('ca'));
  await env.client.create(ConfigMap, { metadata: { name: 'c', namespace, annotations: from } });
  await env.settled();
  expect((await env.client.get(ConfigMap, { name: 'c', namespace })).data?.['ca.crt']).toBe(one.ca);
});
