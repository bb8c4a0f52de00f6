// biome-ignore-all lint/suspicious/noExplicitAny: what carries a CA is of six kinds, looked into at one place each.
import {
  type AnyKind,
  allOf,
  anyOf,
  type Controller,
  changed,
  controller,
  index,
  matching,
  type ReconcileContext,
  TerminalError,
  watch,
} from 'setpoint';
import { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from 'setpoint/admissionregistration.k8s.io/v1';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { APIService } from 'setpoint/apiregistration.k8s.io/v1';
import { ConfigMap, Secret } from 'setpoint/core/v1';
import { annotation, annotations, secretReference } from '../annotations.ts';
import { isTls, textOf, tlsCertificatesChanged } from '../secrets.ts';

/** Where a kind carries a CA. */
interface Carrier {
  readonly kind: AnyKind;
  /** What is there now: base64, one for each place. */
  present(object: any): readonly (string | undefined)[];
  /** What a merge patch has to say for all places to have this; null takes it away. */
  change(object: any, bundle: string | null): object;
}

const ofWebhooks = (kind: AnyKind): Carrier => ({
  kind,
  present: ({ webhooks = [] }) => webhooks.map(({ clientConfig }: any) => clientConfig.caBundle),
  change: ({ webhooks = [] }, bundle) => ({
    webhooks: webhooks.map(({ clientConfig: { caBundle: _, ...clientConfig }, ...webhook }: any) => ({
      ...webhook,
      clientConfig: bundle === null ? clientConfig : { ...clientConfig, caBundle: bundle },
    })),
  }),
});

const entry = 'ca.crt';

const carriers: readonly Carrier[] = [
  ofWebhooks(ValidatingWebhookConfiguration),
  ofWebhooks(MutatingWebhookConfiguration),
  {
    kind: CustomResourceDefinition,
    present: ({ spec }) =>
      spec.conversion?.webhook?.clientConfig ? [spec.conversion.webhook.clientConfig.caBundle] : [],
    change: ({ spec }, caBundle) =>
      spec.conversion?.webhook?.clientConfig
        ? { spec: { conversion: { webhook: { clientConfig: { caBundle } } } } }
        : {},
  },
  {
    kind: APIService,
    // One of the server's own carries none.
    present: ({ spec }) => (spec.service ? [spec.caBundle] : []),
    change: ({ spec }, caBundle) => (spec.service ? { spec: { caBundle } } : {}),
  },
  {
    kind: Secret,
    present: ({ data }) => [data?.[entry]],
    change: (_, bundle) => ({ data: { [entry]: bundle } }),
  },
  {
    kind: ConfigMap,
    present: ({ data }) => [data?.[entry] === undefined ? undefined : Buffer.from(data[entry]).toString('base64')],
    change: (_, bundle) => ({
      data: { [entry]: bundle === null ? null : Buffer.from(bundle, 'base64').toString('utf8') },
    }),
  },
];

/** One controller for each kind that carries a CA: what the annotation names is put where the kind has it. */
export const caInjectionControllers: readonly Controller[] = carriers.map(caInjection);

function caInjection({ kind, present, change }: Carrier): Controller {
  const wish = (object: any) => annotation(object, annotations.injectCaFrom);
  const concerned = (object: any) =>
    wish(object) !== undefined || annotation(object, annotations.injectedFrom) !== undefined;
  const bySecret = index(kind, (object: any) => wish(object));
  return controller(kind, {
    name: `ca-injection-${kind.kind.toLowerCase()}`,
    reads: [Secret],
    permissions: [{ kind, verbs: ['patch'] }],
    predicates: [
      allOf(
        matching(concerned),
        anyOf(
          changed((object: any) => object.metadata.annotations),
          changed(present),
        ),
      ),
    ],
    watches: [
      watch(Secret, {
        reads: [bySecret],
        predicates: [tlsCertificatesChanged],
        enqueue: ({ metadata }, { cache }) => cache.lookup(bySecret, `${metadata.namespace}/${metadata.name}`),
      }),
    ],
    async reconcile(object: any, { cache, client, events, key, log }: ReconcileContext<AnyKind, any>) {
      if (!concerned(object)) return;
      const from = wish(object);
      const bundle = from === undefined ? null : caOf(cache.get(Secret, parse(from)));
      if (bundle === undefined) {
        events.warning(
          'ProcessingError',
          `there is no CA in a Secret ${from} of the type kubernetes.io/tls: waiting for it`,
        );
        return;
      }
      const asWished = present(object).every((value) => (value ?? null) === bundle);
      if (asWished && annotation(object, annotations.injectedFrom) === from) return;
      const { resourceVersion } = object.metadata;
      const metadata = { resourceVersion, annotations: { [annotations.injectedFrom]: from ?? null } };
      await client.patch(kind, key, { type: 'merge', body: { metadata, ...change(object, bundle) } });
      log.info({ from }, bundle === null ? 'CA taken back' : 'CA injected');
    },
  } as any);
}

function caOf(secret: any): string | undefined {
  return secret && isTls(secret) && textOf(secret, entry) !== undefined ? secret.data[entry] : undefined;
}

function parse(from: string): { readonly namespace: string; readonly name: string } {
  try {
    return secretReference(from);
  } catch (error) {
    // It stays wrong until somebody changes it.
    throw new TerminalError((error as Error).message);
  }
}
