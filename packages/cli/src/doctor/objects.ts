import { X509Certificate } from 'node:crypto';
import { systemClock } from '@setpoint/apimachinery/clock';
import type { Client } from 'setpoint/client';
import { Secret } from 'setpoint/core/v1';
import { isApiError, isNotFound } from 'setpoint/errors';
import { type CrdManifest, webhookNames } from 'setpoint/manifests';
import { Failure, sentenceOf } from '../failure.ts';
import { type Finding, failure, ok, warning } from './finding.ts';

const day = 24 * 60 * 60 * 1000;
/** An operator renews its certificates thirty days before they expire. */
const renewedBefore = 29 * day;

/**
 * Whether a CRD of the project is in the cluster, and says the same there.
 *
 * @param compare what `install` would do; nothing is written
 */
export async function checkCrd(
  { metadata }: CrdManifest,
  compare: () => Promise<'unchanged' | 'configured' | 'created'>,
): Promise<Finding> {
  const about = `CRD ${metadata.name}`;
  const remedy = 'run `setpoint install` or `setpoint deploy`';
  try {
    if ((await compare()) === 'unchanged') return ok(about, 'is what the project declares');
    return warning(about, 'is not what the project declares', remedy);
  } catch (error) {
    if (isNotFound(error)) return warning(about, 'is not in the cluster', remedy);
    if (error instanceof Failure) {
      const [first = '', ...steps] = error.message.split('\n  ');
      return failure(about, first, steps.length > 0 ? steps.join('; ') : 'change the declaration');
    }
    if (isApiError(error)) return warning(about, `cannot be compared: ${sentenceOf(error)}`, 'ask an administrator');
    throw error;
  }
}

/** For how long the certificates are good that a deployed operator serves its webhooks with. */
export async function checkCertificates(client: Client, operator: string, namespace: string): Promise<Finding> {
  const about = 'certificates';
  const { secret } = webhookNames(operator);
  const remedy = `look at the operator's log: it renews the Secret ${namespace}/${secret} itself while it runs`;
  try {
    const { data } = await client.get(Secret, { namespace, name: secret });
    const certificate = new X509Certificate(Buffer.from(data?.['tls.crt'] ?? '', 'base64'));
    const left = Date.parse(certificate.validTo) - systemClock.now();
    const until = certificate.validToDate.toISOString().slice(0, 10);
    if (left <= 0) return failure(about, `the one of the webhooks has expired on ${until}`, remedy);
    if (left < renewedBefore) return warning(about, `the one of the webhooks expires on ${until}`, remedy);
    return ok(about, `the one of the webhooks is good until ${until}`);
  } catch (error) {
    if (isNotFound(error))
      return ok(about, `there are none yet in ${namespace}; the operator makes them when it starts`);
    if (isApiError(error))
      return warning(about, sentenceOf(error), `have an administrator look at ${namespace}/${secret}`);
    return failure(
      about,
      `the Secret ${namespace}/${secret} has no readable certificate`,
      'delete it; the operator makes it again',
    );
  }
}
