export type { CheckedAst, Reference } from './result.ts';
