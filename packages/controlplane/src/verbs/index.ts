export { act } from './act.ts';
export type {
  Admission,
  AdmissionAttributes,
  AdmissionOperation,
  GroupVersionKind,
} from './admission.ts';
export { create, createNamed, createObject } from './create.ts';
export { deleteAtOnce, deleteObject, deleteVerb } from './delete.ts';
export { deleteCollection } from './delete-collection.ts';
export type { DeleteOptions } from './delete-options.ts';
export { finalizeNamespace, setNamespaceFinalizers } from './finalize-namespace.ts';
export { get } from './get.ts';
export { list } from './list.ts';
export { metaOf, newUid, timestamp } from './metadata.ts';
export { immortalNamespaces, isNamespace } from './namespaces.ts';
export { writerOf } from './ownership.ts';
export { patch } from './patch.ts';
export { getScale, patchScale, updateScale } from './scale.ts';
export {
  type Answer,
  type AnswerListMeta,
  type Backend,
  collectionOf,
  type EventEncoder,
  keyOf,
  mutableCopy,
  type OpenWatch,
  type RequestScope,
  type WatchSource,
} from './scope.ts';
export { update, updateObject } from './update.ts';
export { watch } from './watch.ts';
export { commitObject, complete, storable, type WriteContext, writeContext } from './write.ts';
