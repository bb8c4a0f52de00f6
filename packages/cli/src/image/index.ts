export { bundleProject } from './application.ts';
export { writeArchive } from './archive.ts';
export { defaultBase } from './base.ts';
export { type Build, type BuildOptions, buildImages } from './build.ts';
export type { Compression } from './layer.ts';
