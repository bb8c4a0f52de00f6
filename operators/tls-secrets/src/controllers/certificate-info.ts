import { controller } from 'setpoint';
import { Secret } from 'setpoint/core/v1';
import { annotation, annotations } from '../annotations.ts';
import { describeChain, readChain } from '../certificates.ts';
import { isTls, textOf, tlsSecretChanged } from '../secrets.ts';

const entries = ['tls.crt', 'ca.crt'] as const;

/** Describes the certificates of a Secret beside them, for whoever looks at it with kubectl. */
export const certificateInfoController = controller(Secret, {
  name: 'certificate-info',
  predicates: [tlsSecretChanged],
  permissions: [{ kind: Secret, verbs: ['patch'] }],
  async reconcile(secret, { client, key }) {
    if (!isTls(secret)) return;
    const wanted = annotation(secret, annotations.certInfo) === 'true';
    const data: Record<string, string | null> = {};
    for (const entry of entries) {
      const pem = wanted ? textOf(secret, entry) : undefined;
      const info = pem === undefined ? undefined : Buffer.from(describeChain(readChain(pem))).toString('base64');
      if (secret.data?.[`${entry}.info`] !== info) data[`${entry}.info`] = info ?? null;
    }
    if (Object.keys(data).length === 0) return;
    const { resourceVersion } = secret.metadata;
    await client.patch(Secret, key, { type: 'merge', body: { metadata: { resourceVersion }, data } });
  },
});
