export {
  type Blob,
  blobOf,
  type Descriptor,
  jsonBytes,
  mediaTypes,
  type Platform,
  readAll,
  sha256,
  verified,
} from './content.ts';
export { formatReference, type ImageReference, parseReference } from './reference.ts';
export { openRegistries, type Registries } from './registries.ts';
export type { Repository } from './repository.ts';
