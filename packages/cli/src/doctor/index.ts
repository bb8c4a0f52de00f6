export { checkCluster, checkNode } from './environment.ts';
export { type Finding, failure, ok } from './finding.ts';
export { checkCertificates, checkCrd } from './objects.ts';
export { checkPermissions } from './permissions.ts';
