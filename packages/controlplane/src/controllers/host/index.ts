export {
  ControllerClient,
  type DeletePreconditions,
  type Identity,
  isStatus,
  type NewObject,
  type UpdateTarget,
} from './client.ts';
export type { Controller, ControllerContext } from './controller.ts';
export { EventRecorder, type EventSubject, subjectOf } from './events.ts';
export { type ControllerFailure, ControllerHost, type ControllerHostOptions } from './host.ts';
export { enabledControllers } from './names.ts';
export { isActiveNamespace, unlessTerminating } from './namespaces.ts';
export { WorkQueue } from './queue.ts';
export { nextTurn } from './turn.ts';
