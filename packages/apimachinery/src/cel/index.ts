export * from './checker/index.ts';
export * from './declarations/index.ts';
export * from './syntax/index.ts';
export * from './types/index.ts';
