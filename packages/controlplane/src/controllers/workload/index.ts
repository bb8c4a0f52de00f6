export { type Claim, claim, controllerReference } from './claim.ts';
export {
  byRevisionNumber,
  renumber,
  revisionHash,
  revisionName,
  sameData,
  storeRevision,
  templatePatch,
} from './history.ts';
export { scaledValue } from './int-or-percent.ts';
export { mapSelector, Owned, type OwnedOptions, specSelector } from './owned.ts';
export { isNamespaceTerminating, orAgain, PodControl, prefixOf, slowStart } from './pod-control.ts';
export {
  byCreation,
  type ConditionLike,
  compareText,
  conditionOf,
  controllerOf,
  createdAt,
  isActive,
  isAvailable,
  isControlledBy,
  isReady,
  isTerminal,
  isTerminating,
  phaseOf,
  readySince,
  untilNextAvailable,
} from './pods.ts';
export { inOrderOfDeletion } from './rank.ts';
export { fnv32a, safeText, templateHash } from './template-hash.ts';
