export type { FunctionDeclaration, OverloadDeclaration, VariableDeclaration } from './model.ts';
