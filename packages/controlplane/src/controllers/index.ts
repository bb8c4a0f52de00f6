export { builtinControllers } from './builtin.ts';
export { type Controller, type ControllerFailure, ControllerHost, enabledControllers } from './host/index.ts';
export { type ContainerScript, Logs, type PodMatch, type PodRule, PodRules } from './pod-simulator/index.ts';
export { rootCertificateData, rootCertificateMap } from './service-accounts/index.ts';
