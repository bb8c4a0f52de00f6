/**
 * An embedded Kubernetes control plane for development and tests: it behaves as kube-apiserver does, or answers 501.
 *
 * @module @setpoint/controlplane
 */

export {
  type CertificateAuthority,
  createCertificateAuthority,
  type KeyPair,
} from '@setpoint/apimachinery/certificates';
export type { AdmissionPlugins, ServiceResolver } from './admission/index.ts';
export type { AuditEvent, AuditLog, AuditRecording } from './audit/index.ts';
export type { AuthorizationMode } from './authorization/index.ts';
export { createControlPlane } from './control-plane.ts';
export type { ContainerScript, ControllerFailure, PodMatch, PodRule } from './controllers/index.ts';
export type { ApiHandler, ApiRequest, ApiResponse, UserInfo } from './http/index.ts';
export type {
  Activity,
  ControlPlane,
  ControlPlaneOptions,
  Listening,
  ListenOptions,
  SimulatedPods,
} from './options.ts';
export { type RawEntry, type RawStorage, RawStorageError } from './raw-storage.ts';
export type { ServiceAccountOptions } from './security.ts';
export { emulatedVersion } from './version.ts';
