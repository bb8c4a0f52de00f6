export { whyNotAvailable } from './diagnosis.ts';
export {
  type Inventory,
  identityOf,
  inventoryReference,
  labelOf,
  managedBy,
  type Reference,
  readInventory,
  referenceOf,
  writeInventory,
} from './inventory.ts';
export { find, type Removed, removeManaged } from './removal.ts';
export { rolledOut } from './rollout.ts';
export { webhooksAnswer } from './webhooks-answer.ts';
