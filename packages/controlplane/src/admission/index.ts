export { createAdmission } from './chain.ts';
