export * from './controller/index.ts';
export * from './errors/index.ts';
export * from './kinds/index.ts';
export * from './manager/index.ts';
export type {
  Applicable,
  ApplyOptions,
  ConditionInput,
  Conditions,
  Events,
  Log,
  ReconcileContext,
  ReconcileResult,
  ReconcileReturn,
  StatusWriter,
} from './reconcile/index.ts';
export * from './schema/index.ts';
