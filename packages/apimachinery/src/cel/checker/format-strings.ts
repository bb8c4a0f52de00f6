import type { CallExpr, Expr } from '../syntax/index.ts';
import type { Type, TypeKind } from '../types/index.ts';
import type { CheckedAst } from './result.ts';

type Report = (id: number, message: string) => void;

/** What is wrong with a format: `id` names the argument it is about, else it is about the call. */
class FormatProblem extends Error {
  readonly id: number | undefined;

  constructor(message: string, id?: number) {
    super(message);
    this.id = id;
  }
}

interface Clause {
  readonly kinds: readonly TypeKind[];
  readonly refusal: string;
}

const integers: readonly TypeKind[] = ['int', 'uint'];
const doubles: readonly TypeKind[] = ['double', 'string'];
const hexadecimal: Clause = {
  kinds: [...integers, 'string', 'bytes'],
  refusal: 'only integers, byte buffers, and strings can be formatted as hex',
};
const clauses: Readonly<Record<string, Clause>> = {
  s: {
    kinds: ['list', 'map', 'int', 'uint', 'double', 'bool', 'string', 'timestamp', 'bytes', 'duration', 'type', 'null'],
    refusal:
      'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  },
  d: { kinds: integers, refusal: 'decimal clause can only be used on integers' },
  f: { kinds: doubles, refusal: 'fixed-point clause can only be used on doubles' },
  e: { kinds: doubles, refusal: 'scientific clause can only be used on doubles' },
  b: { kinds: [...integers, 'bool'], refusal: 'only integers and bools can be formatted as binary' },
  x: hexadecimal,
  X: hexadecimal,
  o: { kinds: integers, refusal: 'octal clause can only be used on integers' },
};

/** Checks `'…'.format([…])` where both the format and the list of arguments are written out. */
export const validateFormatString = (call: CallExpr, ast: CheckedAst, report: Report): void => {
  const [list] = call.args;
  if (call.function !== 'format' || call.target?.kind !== 'literal' || call.target.value.kind !== 'string') return;
  if (call.args.length !== 1 || list?.kind !== 'list') return;
  try {
    const wanted = checkClauses(call.target.value.value, list.elements, ast);
    const got = list.elements.length;
    if (got > wanted) {
      report(call.id, `too many arguments supplied to string.format (expected ${wanted}, got ${got})`);
    }
  } catch (problem) {
    if (!(problem instanceof FormatProblem)) throw problem;
    report(problem.id ?? call.id, problem.message);
  }
};

/** Returns how many arguments the format takes. */
const checkClauses = (format: string, args: readonly Expr[], ast: CheckedAst): number => {
  let next = 0;
  for (let i = 0; i < format.length; i++) {
    if (format[i] !== '%') continue;
    if (format[i + 1] === '%') {
      i++;
      continue;
    }
    if (i + 1 >= format.length) throw new FormatProblem('unexpected end of string');
    const arg = args[next];
    if (arg === undefined) throw new FormatProblem(`index ${next} out of range`);
    next++;
    i += precisionLength(format.slice(i + 1)) + 1;
    checkArgument(format[i] ?? '', arg, ast);
  }
  return next;
};

const unparsed = (what: string): FormatProblem => new FormatProblem(`could not parse formatting clause: ${what}`);

const precisionLength = (rest: string): number => {
  if (!rest.startsWith('.')) return 0;
  const digits = /^\.([0-9]*)/.exec(rest)?.[1] ?? '';
  const wrong = 'error while parsing precision: ';
  if (digits.length + 1 >= rest.length) throw unparsed(`${wrong}could not find end of precision specifier`);
  const problem = digits === '' ? 'invalid syntax' : BigInt(digits) > 2n ** 63n - 1n ? 'value out of range' : undefined;
  if (problem !== undefined) {
    throw unparsed(
      `${wrong}error while converting precision to integer: strconv.Atoi: parsing "${digits}": ${problem}`,
    );
  }
  return digits.length + 1;
};

const checkArgument = (verb: string, arg: Expr, ast: CheckedAst): void => {
  const clause = Object.hasOwn(clauses, verb) ? clauses[verb] : undefined;
  if (clause === undefined) throw unparsed(`unrecognized formatting clause "${firstByte(verb)}"`);
  const bad = refusedPart(arg, clause, ast, verb === 's');
  if (bad === undefined) return;
  const { name } = ast.types.get(bad.id) as Type;
  throw new FormatProblem(`error during formatting: ${clause.refusal}, was given ${name}`, bad.id);
};

/** The format is read byte by byte, so that of a letter outside ASCII the message shows its first byte. */
const firstByte = (letter: string): string =>
  letter.charCodeAt(0) < 0x80 ? letter : String.fromCharCode(Buffer.from(letter)[0] as number);

/** The argument, or with `deep` the element of a literal in it, that a clause does not take. */
const refusedPart = (expr: Expr, clause: Clause, ast: CheckedAst, deep: boolean): Expr | undefined => {
  const { kind } = ast.types.get(expr.id) as Type;
  if (kind !== 'dyn' && !clause.kinds.includes(kind)) return expr;
  if (!deep) return undefined;
  const parts =
    expr.kind === 'list'
      ? expr.elements
      : expr.kind === 'map'
        ? expr.entries.flatMap((entry) => [entry.key, entry.value])
        : [];
  for (const part of parts) {
    const refused = refusedPart(part, clause, ast, true);
    if (refused !== undefined) return refused;
  }
  return undefined;
};
