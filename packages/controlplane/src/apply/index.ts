/**
 * Server-side apply and `metadata.managedFields` (KEP-555). `fieldManagerOf` keeps the owners of the fields of one
 * resource's objects; merge/ below it knows types, sets of fields and how they are merged.
 */
export { mergeConfiguration } from './configuration.ts';
export type { FieldManager, Owners } from './field-manager.ts';
export { decodeManagedFields, ManagedFieldsError } from './managed.ts';
export { managerName } from './manager-name.ts';
export { fieldManagerOf } from './managers.ts';
export { ownersAfterScale, ownersOfScale, type ReplicasPaths } from './scale.ts';
export type { Writer } from './tools.ts';
