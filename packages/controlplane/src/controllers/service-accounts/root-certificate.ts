import { deepEqual } from '@setpoint/apimachinery/patch';
import type { MutableObject } from '../../registry/index.ts';
import { type Controller, isActiveNamespace, unlessTerminating } from '../host/index.ts';

const descriptionKey = 'kubernetes.io/description';

/** The metadata of the ConfigMap of every namespace. */
export const rootCertificateMap = {
  name: 'kube-root-ca.crt',
  annotations: {
    [descriptionKey]:
      'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
  },
} as const;

/** Its data, of a certificate as PEM. */
export function rootCertificateData(certificate: string) {
  return { 'ca.crt': certificate };
}

/**
 * Sees that every active namespace has a ConfigMap `kube-root-ca.crt` with the authority of this server.
 *
 * @param rootCertificate PEM
 */
export function rootCertificatePublisher(rootCertificate: () => string): Controller {
  return {
    name: 'root-ca-certificate-publisher-controller',
    serviceAccount: 'root-ca-cert-publisher',
    start(context) {
      const { client } = context;
      const namespaces = context.resource('', 'v1', 'namespaces');
      const maps = context.resource('', 'v1', 'configmaps');
      const { name, annotations } = rootCertificateMap;
      const queue = context.queue(async (namespace) => {
        const data = rootCertificateData(rootCertificate());
        const present = client.get(maps, namespace, name) as MutableObject | undefined;
        if (!present) {
          if (!isActiveNamespace(client.get(namespaces, '', namespace))) return;
          await unlessTerminating(client.create(maps, { metadata: { name, namespace, annotations }, data }));
          return;
        }
        if (deepEqual(present.data, data) && present.metadata.annotations?.[descriptionKey]) return;
        await client.update(maps, namespace, name, (map) => {
          map.data = data;
          const merged = { ...map.metadata.annotations, ...annotations };
          (map as { metadata: object }).metadata = { ...map.metadata, annotations: merged };
          return true;
        });
      });
      const present = context.collection(maps);
      context.watch(namespaces, ({ type, key }) => {
        if (type !== 'delete' && !present.get(`${key}/${name}`)) queue.add(key);
      });
      context.watch(maps, ({ type, entry }) => {
        if (type === 'create') return;
        const { metadata } = entry.object;
        if (metadata.name === name) queue.add(metadata.namespace ?? '');
      });
    },
  };
}
