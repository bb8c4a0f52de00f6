export { type Bundle, type BundledFile, bundleFolder, bundleProgram } from './bundle.ts';
export { Unbundleable } from './unbundleable.ts';
