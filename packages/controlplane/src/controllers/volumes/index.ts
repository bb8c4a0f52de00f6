export { volumeBinder } from './binder.ts';
export { claimProtection, volumeProtection } from './protection.ts';
export { volumeProvisioner } from './provisioner.ts';
