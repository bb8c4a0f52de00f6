import { gauge } from 'setpoint';
import { Secret } from 'setpoint/core/v1';
import { readChain, validityOf } from './certificates.ts';
import { isTls, type TlsSecret, textOf } from './secrets.ts';

type Validity = ReturnType<typeof validityOf>;

/** When each TLS Secret's chain began to be valid as a whole, and ceases to; read at each scrape, gone with the Secret. */
export const certificateMetrics = [
  certificateTime('issue', 'When the certificates of a Secret were all valid at last', (validity) => validity.from),
  certificateTime('expiry', 'When the first certificate of a Secret expires', (validity) => validity.until),
];

function certificateTime(which: string, help: string, of: (validity: NonNullable<Validity>) => number) {
  // A cached object is another one after each change.
  const read = new WeakMap<TlsSecret, Validity>();
  const validity = (secret: TlsSecret) => {
    if (!read.has(secret)) read.set(secret, validityIn(secret));
    return read.get(secret);
  };
  return gauge(`certutils_certificate_${which}_time`, {
    help: `${help}, in seconds since 1970`,
    labels: ['name', 'namespace'],
    reads: [Secret],
    *collect({ cache }) {
      for (const secret of cache.list(Secret)) {
        const found = isTls(secret) ? validity(secret) : undefined;
        const { name, namespace = '' } = secret.metadata;
        if (found) yield { labels: { name, namespace }, value: of(found) / 1000 };
      }
    },
  });
}

/** One Secret that holds no certificate hides no other. */
function validityIn(secret: TlsSecret): Validity {
  try {
    return validityOf(readChain(textOf(secret, 'tls.crt') ?? ''));
  } catch {
    return undefined;
  }
}
