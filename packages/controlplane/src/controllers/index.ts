export { builtinControllers } from './builtin.ts';
export { type Controller, type ControllerFailure, ControllerHost, enabledControllers } from './host/index.ts';
