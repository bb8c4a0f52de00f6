import { createHash } from 'node:crypto';
import { allOf, anyOf, changed, controller, index, matching, watch } from 'setpoint';
import { Secret } from 'setpoint/core/v1';
import { Ingress } from 'setpoint/networking.k8s.io/v1';
import { annotation, annotations } from '../annotations.ts';
import { isTls, type TlsSecret, tlsCertificatesChanged } from '../secrets.ts';

const wish = (ingress: Ingress) => annotation(ingress, annotations.certsFrom);
const concerned = (ingress: Ingress) =>
  wish(ingress) !== undefined || annotation(ingress, annotations.injectedFrom) !== undefined;
const bySecret = index(Ingress, (ingress) => {
  const name = wish(ingress);
  return name === undefined ? undefined : `${ingress.metadata.namespace}/${name}`;
});

/**
 * Has an Ingress end TLS with the Secret that the annotation names. An Ingress refers to its Secrets, so nothing is
 * copied; a hash in an annotation changes with the certificate, for Ingress controllers that look at the Ingress alone.
 */
export const ingressController = controller(Ingress, {
  name: 'ingress',
  reads: [Secret],
  permissions: [{ kind: Ingress, verbs: ['patch'] }],
  predicates: [
    allOf(
      matching(concerned),
      anyOf(
        changed(({ metadata }) => metadata.annotations),
        changed(({ spec }) => [spec?.tls, spec?.rules]),
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
  async reconcile(ingress, { cache, client, events, key, log }) {
    if (!concerned(ingress)) return;
    const { namespace } = ingress.metadata;
    const name = wish(ingress);
    const secret = name === undefined ? undefined : cache.get(Secret, { namespace, name });
    if (name !== undefined && !(secret && isTls(secret))) {
      events.warning('ProcessingError', `there is no Secret ${name} of the type kubernetes.io/tls: waiting for it`);
      return;
    }
    const tls = tlsOf(ingress, name);
    const marks = {
      [annotations.injectedFrom]: name ?? null,
      [annotations.certificateHash]: secret ? hashOf(secret) : null,
    };
    const asWished =
      JSON.stringify(tls) === JSON.stringify(ingress.spec?.tls ?? []) &&
      Object.entries(marks).every(([mark, value]) => (annotation(ingress, mark) ?? null) === value);
    if (asWished) return;
    const metadata = { resourceVersion: ingress.metadata.resourceVersion, annotations: marks };
    const body = { metadata, spec: { tls: tls.length > 0 ? tls : null } };
    await client.patch(Ingress, key, { type: 'merge', body });
    log.info({ secret: name }, 'TLS of the ingress set');
  },
});

type Tls = NonNullable<NonNullable<Ingress['spec']>['tls']>;

/** One entry of ours for all hosts that no other entry is for. */
function tlsOf({ metadata, spec }: Ingress, secretName: string | undefined): Tls {
  const ours = annotation({ metadata }, annotations.injectedFrom);
  const others = (spec?.tls ?? []).filter((entry) => entry.secretName !== ours && entry.secretName !== secretName);
  if (secretName === undefined) return others;
  const taken = new Set(others.flatMap(({ hosts = [] }) => hosts));
  const hosts = [
    ...new Set((spec?.rules ?? []).flatMap(({ host }) => (host && !taken.has(host) ? [host] : []))),
  ].sort();
  return [...others, hosts.length > 0 ? { hosts, secretName } : { secretName }];
}

function hashOf({ data = {} }: TlsSecret): string {
  const hash = createHash('sha256');
  for (const entry of ['tls.crt', 'ca.crt']) hash.update(`${data[entry] ?? ''}\n`);
  return hash.digest('hex').slice(0, 16);
}
