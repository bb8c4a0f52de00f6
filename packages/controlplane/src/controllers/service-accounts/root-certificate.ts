import { deepEqual } from '@setpoint/apimachinery/patch';
import type { MutableObject } from '../../registry/index.ts';
import { type Controller, isActiveNamespace, unlessTerminating } from '../host/index.ts';

const mapName = 'kube-root-ca.crt';
const descriptionKey = 'kubernetes.io/description';
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

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
      const made = (namespace: string) => ({
        metadata: { name: mapName, namespace, annotations: { [descriptionKey]: description } },
        data: { 'ca.crt': rootCertificate() },
      });
      const queue = context.queue(async (namespace) => {
        const { data } = made(namespace);
        const present = client.get(maps, namespace, mapName) as MutableObject | undefined;
        if (!present) {
          if (!isActiveNamespace(client.get(namespaces, '', namespace))) return;
          await unlessTerminating(client.create(maps, made(namespace)));
          return;
        }
        if (deepEqual(present.data, data) && present.metadata.annotations?.[descriptionKey]) return;
        await client.update(maps, namespace, mapName, (map) => {
          map.data = data;
          const annotations = { ...map.metadata.annotations, [descriptionKey]: description };
          (map as { metadata: object }).metadata = { ...map.metadata, annotations };
          return true;
        });
      });
      for (const namespace of [...client.list(namespaces)].filter(isActiveNamespace)) {
        client.createAtStart(maps, made(namespace.metadata.name ?? ''));
      }
      context.watch(namespaces, ({ type, key }) => {
        if (type !== 'delete' && !client.get(maps, key, mapName)) queue.add(key);
      });
      context.watch(maps, ({ type, entry: { object } }) => {
        if (type !== 'create' && object.metadata.name === mapName) queue.add(object.metadata.namespace ?? '');
      });
    },
  };
}
