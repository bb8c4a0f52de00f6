import { parseGoDuration } from '@setpoint/apimachinery/duration';
import { controller } from 'setpoint';
import { Secret } from 'setpoint/core/v1';
import { annotation, annotations } from '../annotations.ts';
import { readChain, validityOf } from '../certificates.ts';
import { isTls, type TlsSecret, textOf, tlsSecretChanged } from '../secrets.ts';

const hour = 60 * 60 * 1000;
const day = 24 * hour;

/** Says in a Warning Event when a certificate is about to expire; looks more often once it is. */
export const expiryAlertController = controller(Secret, {
  name: 'expiry-alert',
  predicates: [tlsSecretChanged],
  reconcile(secret, { events, clock }) {
    if (!isTls(secret) || annotation(secret, annotations.expiryAlert) !== 'true') return;
    const validity = validityOf(readChain(textOf(secret, 'tls.crt') ?? ''));
    if (!validity) return;
    const left = validity.until - clock.now();
    if (left > duration(secret, annotations.soonToExpireThreshold, 90 * day)) {
      return { requeueAfter: duration(secret, annotations.expiryCheckFrequency, 7 * day) };
    }
    events.warning('Certs Soon to Expire', `Certificate expiring in ${Math.floor(left / day)} days`);
    return { requeueAfter: duration(secret, annotations.soonToExpireCheckFrequency, hour) };
  },
});

/** Milliseconds. What cannot be read, or would never end, is as if it were not there. */
function duration(secret: TlsSecret, name: string, byDefault: number): number {
  try {
    const milliseconds = Number(parseGoDuration(annotation(secret, name) ?? '')) / 1e6;
    return milliseconds > 0 ? milliseconds : byDefault;
  } catch {
    return byDefault;
  }
}
