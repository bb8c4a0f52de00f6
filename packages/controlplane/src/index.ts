export type { AuditEvent, AuditLog, AuditRecording } from './audit/index.ts';
export type { AuthorizationMode } from './authorization/index.ts';
export { createControlPlane } from './control-plane.ts';
export type { ControllerFailure } from './controllers/index.ts';
export type { ApiHandler, ApiRequest, ApiResponse, KeyPair, UserInfo } from './http/index.ts';
export { type CertificateAuthority, createCertificateAuthority } from './http/index.ts';
export type { Activity, ControlPlane, ControlPlaneOptions, Listening, ListenOptions } from './options.ts';
export { type RawEntry, type RawStorage, RawStorageError } from './raw-storage.ts';
export { emulatedVersion } from './version.ts';
