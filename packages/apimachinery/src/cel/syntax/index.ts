export type {
  Ast,
  CallExpr,
  ComprehensionExpr,
  Constant,
  Expr,
  IdentExpr,
  ListExpr,
  LiteralExpr,
  Location,
  MapEntry,
  MapExpr,
  OffsetRange,
  SelectExpr,
  Source,
  SourceInfo,
  StructExpr,
  StructField,
  UnspecifiedExpr,
} from './ast.ts';
export { accumulatorName, operators } from './ast.ts';
export { type CelIssue, displayIssue, Issues } from './errors.ts';
export { bindingMacros, listMacros, type Macro, optionalMacros, standardMacros, twoVariableMacros } from './macros.ts';
export type { ParseOptions, ParseResult } from './parse-options.ts';
export { parse } from './parser.ts';
export { locationOf, noLocation, startOf, textSource } from './source.ts';
export { unparse } from './unparse.ts';
