export {
  convertsByName,
  type Definition,
  findDefinition,
  kindOf,
  readableVersion,
  storageVersion,
} from './definition.ts';
export { keepExistingObjects } from './existing-objects.ts';
export { defaultConcurrency, type MigrationOptions, migrateStorage } from './migration.ts';
