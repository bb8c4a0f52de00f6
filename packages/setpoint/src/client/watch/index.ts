export { type ManagedFieldsMode, ownFieldsOf } from './decode-object.ts';
export { type DecodedList, decodeList } from './list-page.ts';
export { watchMessages } from './messages.ts';
