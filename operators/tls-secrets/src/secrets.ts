import { allOf, annotationsChanged, anyOf, cacheOf, changed, matching, type Resource } from 'setpoint';
import { Secret } from 'setpoint/core/v1';
import { annotation, annotations } from './annotations.ts';

export type TlsSecret = Resource<typeof Secret>;

const tls = 'kubernetes.io/tls';

export const isTls = (secret: TlsSecret): boolean => secret.type === tls;

/** What is in Secrets that this operator has nothing to do with is not kept in memory. */
export const secretsInMemory = cacheOf(Secret, {
  transform(secret) {
    if (secret.type !== tls && annotation(secret, annotations.injectCaFrom) === undefined) delete secret.data;
  },
});

/** What of a Secret others are given: certificate, key and CA; what this operator writes beside them is not among it. */
const certificatesChanged = changed((secret: TlsSecret) => [
  secret.data?.['tls.crt'],
  secret.data?.['tls.key'],
  secret.data?.['ca.crt'],
]);

/** Secrets of the type, when what others are given of them changes. */
export const tlsCertificatesChanged = allOf(matching(isTls), certificatesChanged);

/** Secrets of the type, when their certificates change, or a wish of theirs does. */
export const tlsSecretChanged = allOf(matching(isTls), anyOf(certificatesChanged, annotationsChanged));

/** The text of an entry of a Secret; undefined where there is none. */
export function textOf(secret: TlsSecret | undefined, entry: 'tls.crt' | 'tls.key' | 'ca.crt'): string | undefined {
  const value = secret?.data?.[entry];
  return value === undefined || value === '' ? undefined : Buffer.from(value, 'base64').toString('utf8');
}
