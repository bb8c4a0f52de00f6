export type { StructuralSchema, ValidationRule } from './types.ts';
