export { replicaSetController, replicationControllerController } from './controller.ts';
