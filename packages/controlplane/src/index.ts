import type { ControlPlane, ControlPlaneOptions } from './options.ts';

export type { ApiHandler, ApiRequest, ApiResponse, UserInfo } from './http/message.ts';
export type { Activity, ControlPlane, ControlPlaneOptions, Listening, ListenOptions } from './options.ts';

export declare function createControlPlane(options?: ControlPlaneOptions): ControlPlane;
