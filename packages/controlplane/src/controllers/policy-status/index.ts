export { type CheckPolicyTypes, policyStatusController } from './controller.ts';
