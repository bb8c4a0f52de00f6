export { type BuiltinOptions, builtinResources } from './resources.ts';
