export type { ServiceResolver } from '../http/index.ts';
export { type AdmissionChain, type AdmissionOptions, createAdmission } from './chain.ts';
export { type AdmissionPlugins, enabledPlugins } from './plugins.ts';
