export { canonicalStruct } from './canonical.ts';
export { decodeStruct } from './decode.ts';
export { DecodeError } from './decode-error.ts';
export { type BuiltinOptions, builtinResources } from './resources.ts';
