// biome-ignore-all lint/suspicious/noExplicitAny: the cluster says what a Route is; here are only the fields of its TLS.
import { allOf, anyOf, changed, controller, dynamicKind, index, matching, watch } from 'setpoint';
import { Secret } from 'setpoint/core/v1';
import { annotation, annotations } from '../annotations.ts';
import { isTls, textOf, tlsCertificatesChanged } from '../secrets.ts';

/** OpenShift's; most clusters have none. */
export const Route = dynamicKind({ group: 'route.openshift.io', version: 'v1', kind: 'Route' });

const wishes = (route: any) =>
  [annotations.certsFrom, annotations.destinationCaFrom].flatMap((name) => annotation(route, name) ?? []);
const concerned = (route: any) => wishes(route).length > 0 || annotation(route, annotations.injectedFrom) !== undefined;
const bySecret = index(Route, (route: any) => wishes(route).map((name) => `${route.metadata.namespace}/${name}`));

/** Copies certificates into Routes that end TLS. */
export const routeController = controller(Route, {
  name: 'route',
  optional: [Route],
  reads: [Secret],
  permissions: [{ kind: Route, verbs: ['patch'] }],
  predicates: [
    allOf(
      matching(concerned),
      anyOf(
        changed(({ metadata }) => metadata.annotations),
        changed((route: any) => route.spec?.tls),
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
  async reconcile(route: any, { cache, client, events, key, log }) {
    const { termination } = route.spec?.tls ?? {};
    if (!concerned(route) || !['edge', 'reencrypt'].includes(termination)) return;
    const namespace = route.metadata.namespace;
    const before = injectedBefore(route);
    const tls: Record<string, string | null> = {};
    for (const [name, fields] of Object.entries(fieldsOf(route))) {
      const from = annotation(route, name);
      const secret = from === undefined ? undefined : cache.get(Secret, { namespace, name: from });
      if (from !== undefined && !(secret && isTls(secret))) {
        events.warning('ProcessingError', `there is no Secret ${from} of the type kubernetes.io/tls: waiting for it`);
        continue;
      }
      if (from === undefined && !before.has(name)) continue;
      for (const [field, entry] of Object.entries(fields)) {
        const value = entry && from !== undefined ? (textOf(secret, entry) ?? null) : null;
        if ((route.spec.tls[field] ?? null) !== value) tls[field] = value;
      }
    }
    const injected = wishes(route).join(',') === '' ? null : [...keysOfWishes(route)].join(',');
    if (Object.keys(tls).length === 0 && (annotation(route, annotations.injectedFrom) ?? null) === injected) return;
    const metadata = {
      resourceVersion: route.metadata.resourceVersion,
      annotations: { [annotations.injectedFrom]: injected },
    };
    await client.patch(Route, key, { type: 'merge', body: { metadata, spec: { tls } } });
    log.info({ fields: Object.keys(tls) }, 'TLS of the route set');
  },
});

type Entry = 'tls.crt' | 'tls.key' | 'ca.crt';

/** Which field of a Route's TLS each annotation is about, and what it gets; undefined: nothing. */
function fieldsOf(route: any): Readonly<Record<string, Readonly<Record<string, Entry | undefined>>>> {
  const withCa = !['false', undefined].includes(annotation(route, annotations.injectCa));
  return {
    [annotations.certsFrom]: { key: 'tls.key', certificate: 'tls.crt', caCertificate: withCa ? 'ca.crt' : undefined },
    [annotations.destinationCaFrom]: { destinationCACertificate: 'ca.crt' },
  };
}

const short: Readonly<Record<string, string>> = {
  [annotations.certsFrom]: 'certs',
  [annotations.destinationCaFrom]: 'destinationCA',
};

function* keysOfWishes(route: any): Iterable<string> {
  for (const [name, word] of Object.entries(short)) if (annotation(route, name) !== undefined) yield word;
}

/** The annotations that were there when this operator last wrote. */
function injectedBefore(route: any): ReadonlySet<string> {
  const words = (annotation(route, annotations.injectedFrom) ?? '').split(',');
  return new Set(Object.keys(short).filter((name) => words.includes(short[name] as string)));
}
