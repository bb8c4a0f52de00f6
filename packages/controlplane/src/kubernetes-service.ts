import { collectionOf, createUnadmitted, type WriteContext } from './verbs/index.ts';

/** The first address of the network of Services. */
const address = '10.0.0.1';

/** Where a kube-apiserver listens unless it is told otherwise. */
const usualPort = 6443;

/**
 * Sees that there is the Service `kubernetes` in namespace default. It has no endpoints, as those of a real server that
 * listens on loopback has none: such addresses may not be in Endpoints.
 *
 * @param context of a write to namespace default
 */
export function createKubernetesService(context: Omit<WriteContext, 'resource'>): void {
  const { backend } = context;
  const services = backend.registry.lookup('', 'v1', 'services');
  if (!services || collectionOf(backend, services).get('default/kubernetes')) return;
  const { object } = services.strategy.decode({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      clusterIP: address,
      ipFamilyPolicy: 'SingleStack',
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: usualPort }],
      sessionAffinity: 'None',
      type: 'ClusterIP',
    },
  });
  services.strategy.applyDefaults(object);
  createUnadmitted({ ...context, resource: services }, object);
}
