export { openAuditFile } from './audit-file.ts';
export { etcd } from './etcd.ts';
export { kubeApiServer } from './kube-apiserver.ts';
export { servingPair } from './serving.ts';
