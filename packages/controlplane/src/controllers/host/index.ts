export { ControllerClient, type DeletePreconditions, isStatus, type UpdateTarget } from './client.ts';
export type { Controller, ControllerContext } from './controller.ts';
export { EventRecorder, type EventSubject, subjectOf } from './events.ts';
export { type ControllerFailure, ControllerHost, type ControllerHostOptions } from './host.ts';
export { enabledControllers } from './names.ts';
export { WorkQueue } from './queue.ts';
export { nextTurn } from './turn.ts';
