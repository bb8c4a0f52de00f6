import { compile, dynType, formatType, type Program, type Type } from '@setpoint/apimachinery/cel';
import { admissionEnvironment, type Declarations } from './environment.ts';

/** An expression of a configuration, ready to be evaluated, or why it cannot be. */
export interface Expression {
  readonly text: string;
  readonly program?: Program;
  readonly type: Type;
  /** As the real server words it. */
  readonly error?: string;
}

/** `allowed`: the types that it may result in; none: any. */
export function compileExpression(text: string, declarations: Declarations, allowed: readonly Type[]): Expression {
  const compiled = compile(text, admissionEnvironment(declarations));
  if (!compiled.ok) {
    const error = compiled.issues
      ? `compilation failed: ${compiled.issues.toString()}`
      : `program instantiation failed: ${compiled.message}`;
    return { text, type: dynType, error };
  }
  const { type, program } = compiled;
  const found = nameOf(type);
  const names = allowed.map(nameOf);
  if (names.length === 0 || names.includes(found)) return { text, type, program };
  const wanted = names.length === 1 ? names[0] : `one of [${names.join(' ')}]`;
  return { text, type, error: `must evaluate to ${wanted} but got ${found}` };
}

function nameOf(type: Type): string {
  return type.kind === 'null' ? 'null_type' : formatType(type);
}
