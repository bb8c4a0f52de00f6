// Builds all programs of a cluster, from Go modules into the cache that the real API server is kept in.
import { join } from 'node:path';
import { buildPrograms, buildRealApiServer } from '../real-apiserver/build.ts';

const kubernetes = 'k8s.io/kubernetes/cmd';

/** Into which folder they come; about ten minutes on two cores with an empty cache, nothing once it is full. */
export function buildClusterPrograms(): string {
  buildRealApiServer({ controllerManager: true });
  buildPrograms(
    {
      'kube-scheduler': `${kubernetes}/kube-scheduler`,
      kubelet: `${kubernetes}/kubelet`,
      'kube-proxy': `${kubernetes}/kube-proxy`,
    },
    join(import.meta.dirname, '../real-apiserver'),
  );
  return buildPrograms({ coredns: '.' }, join(import.meta.dirname, 'dns'));
}
