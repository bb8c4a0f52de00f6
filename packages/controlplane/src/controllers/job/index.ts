export { jobController } from './controller.ts';
export { ttlAfterFinishedController } from './ttl.ts';
