export { deepEqual } from './equal.ts';
export { JsonPatchError, type JsonPatchErrorReason } from './error.ts';
export { applyJsonPatch, decodeJsonPatch, type JsonPatchOperation, type JsonPatchOptions } from './json-patch.ts';
export { createJsonPatch } from './json-patch-create.ts';
export { applyMergePatch, createMergePatch } from './merge-patch.ts';
export { applyStrategicMergePatch, type StrategicMergeResult } from './strategic.ts';
export { goValue, type PatchField, type PatchType, StrategicPatchError } from './strategic-schema.ts';
