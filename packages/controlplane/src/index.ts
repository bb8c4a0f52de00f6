export { createControlPlane } from './control-plane.ts';
export type { ApiHandler, ApiRequest, ApiResponse, UserInfo } from './http/index.ts';
export type { Activity, ControlPlane, ControlPlaneOptions, Listening, ListenOptions } from './options.ts';
export { emulatedVersion } from './version.ts';
