export type { Authentication, ClientConfig, ExecAuthentication, Impersonation, TlsConfig } from './config.ts';
export { inClusterConfig, isInCluster, podNamespace } from './in-cluster.ts';
export { configOf, type LoadConfigOptions, loadConfig } from './load-config.ts';
export { type Kubeconfig, readKubeconfigs } from './read-kubeconfig.ts';
