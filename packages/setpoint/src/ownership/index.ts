export { ownFieldsOf, ownFieldsOfEntries } from './own-fields.ts';
