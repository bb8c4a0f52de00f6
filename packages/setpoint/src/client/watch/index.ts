export { ownFieldsOf } from '../../ownership/index.ts';
export type { ManagedFieldsMode } from './decode-object.ts';
export { type DecodedList, decodeList } from './list-page.ts';
export { type OpenWatch, watchMessages } from './messages.ts';
