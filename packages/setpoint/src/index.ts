export * from './kinds/index.ts';
export * from './schema/index.ts';
