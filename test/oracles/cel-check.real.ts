// Compares what becomes of CEL expressions — tree, types, errors, estimated cost — with cel-go in the environment that
// Kubernetes gives it: random ones and those of cel-spec's test data, which lies in the Go module cache.
// SETPOINT_ORACLE_CASES: how many random ones (as many of 20,000 as take 20 seconds), SETPOINT_ORACLE_SEED: from which on (0).
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  check,
  dynType,
  type Environment,
  estimateCost,
  formatType,
  kubernetesEnvironment,
  parse,
  structTypes,
  type Type,
} from '@setpoint/apimachinery/cel';
import { seededRandom } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { treeText } from './cel/tree.ts';
import { ExpressionMaker, structs, variables } from './cel/typed-expressions.ts';
import { ask, buildOracle } from './oracle.ts';

const cases = Number(process.env.SETPOINT_ORACLE_CASES ?? 20_000);
/** Milliseconds; whoever says how many wants them all. */
const longest = process.env.SETPOINT_ORACLE_CASES === undefined ? 20_000 : Number.POSITIVE_INFINITY;
const firstSeed = Number(process.env.SETPOINT_ORACLE_SEED ?? 0);
const batch = 1000;

interface Question {
  readonly op: 'parse' | 'check' | 'estimate';
  readonly expression: string;
  readonly seed?: number;
  readonly variables?: Readonly<Record<string, Type>>;
  readonly types?: typeof structs;
  readonly sizes?: Readonly<Record<string, { readonly min: number; readonly max: number }>>;
}

type Answer = Readonly<Record<string, unknown>> & { readonly error?: string };

function environmentOf(question: Question): Environment {
  const declared = Object.entries(question.variables ?? {}).map(([name, type]) => ({ name, type }));
  const provider = question.types === undefined ? {} : { provider: structTypes(question.types) };
  return kubernetesEnvironment({ variables: declared, ...provider });
}

function answerOf(question: Question): Answer {
  const environment = environmentOf(question);
  const parsed = parse(question.expression, { macros: environment.macros });
  if (!parsed.ok) return { error: parsed.issues.toString() };
  if (question.op === 'parse') return { tree: treeText(parsed.ast.expr) };
  const checked = check(parsed.ast, environment);
  if (!checked.ok) return { error: checked.issues.toString() };
  const { ast } = checked;
  if (question.op === 'estimate') {
    const cost = estimateCost(ast, (path) => {
      const size = question.sizes?.[path.join('.')];
      return size && { min: BigInt(size.min), max: BigInt(size.max) };
    });
    return { min: String(cost.min), max: String(cost.max) };
  }
  const types = Object.fromEntries([...ast.types].map(([id, type]) => [id, formatType(type)]));
  const named = [...ast.references].map(([id, reference]) => [
    id,
    reference.kind === 'ident' ? reference.name : `[${reference.overloadIds.join(' ')}]`,
  ]);
  return { tree: treeText(ast.expr), type: formatType(ast.resultType), types, references: Object.fromEntries(named) };
}

/** Once the syntax is wrong, upstream's macros may complain besides about what was made of the rest. */
const syntaxOnly = (text: string | undefined): string | undefined => {
  if (text?.includes('Syntax error') !== true) return text;
  return text
    .split(/\n(?=ERROR: )/)
    .filter((error) => error.includes(' Syntax error: '))
    .join('\n');
};

function compare(program: string, questions: readonly Question[]): { differences: object[]; refused: number } {
  const answers = ask<Answer>(program, questions);
  const differences: object[] = [];
  let refused = 0;
  for (const [i, question] of questions.entries()) {
    // Where upstream panics there is nothing to be equal to.
    if (answers[i]?.error?.startsWith('panic: ') === true) continue;
    // Nodes without references are left out by Go and empty with us.
    const theirs = { references: null, ...answers[i], error: syntaxOnly(answers[i]?.error) };
    const mine = answerOf(question);
    if (mine.error !== undefined) refused++;
    const ours = { references: null, ...mine, error: syntaxOnly(mine.error) };
    const same = mine.error === undefined ? sorted(ours) === sorted(theirs) : ours.error === theirs.error;
    if (!same)
      differences.push({ expression: question.expression, seed: question.seed, sizes: question.sizes, theirs, ours });
  }
  return { differences, refused };
}

const sorted = (value: unknown): string =>
  JSON.stringify(value, (_key, each) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort())
      : each,
  );

/** The expressions of cel-spec's data; the text format quotes them as Go and JavaScript do. */
function specExpressions(): string[] {
  const cwd = join(import.meta.dirname, 'cel');
  const found = spawnSync('go', ['list', '-m', '-f', '{{.Dir}}', 'cel.dev/expr'], { cwd, encoding: 'utf8' });
  const folder = join(found.stdout.trim(), 'tests/simple/testdata');
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  const quoted = texts.flatMap((text) => [...text.matchAll(/^\s*expr: ("(?:[^"\\]|\\["\\n])*")\s*$/gm)]);
  const single = texts.flatMap((text) => [...text.matchAll(/^\s*expr: '([^'\\"]*)'\s*$/gm)]);
  return [
    ...quoted.map((match) => JSON.parse(match[1] as string) as string),
    ...single.map((match) => match[1] as string),
  ];
}

function randomQuestion(seed: number): Question {
  const maker = new ExpressionMaker(seededRandom(seed));
  const expression = maker.expression(maker.pick([1, 2, 2, 3, 3, 4]));
  if (maker.chance(0.2)) return { op: 'parse', seed, expression: maker.broken(expression) };
  const asked = { seed, expression, variables, types: structs };
  return maker.chance(0.4) ? { op: 'check', ...asked } : { op: 'estimate', ...asked, sizes: maker.sizes() };
}

test("the expressions of cel-spec's data become what they become with cel-go", { timeout: 600_000 }, () => {
  const program = buildOracle('cel');
  const dynamic = Object.fromEntries(['x', 'y', 'z', 'a', 'b', 'm', 'msg'].map((name) => [name, dynType]));
  const expressions = specExpressions();
  const questions = expressions.flatMap((expression): Question[] => [
    { op: 'parse', expression },
    { op: 'check', expression, variables: dynamic },
    { op: 'estimate', expression, variables: dynamic },
  ]);
  expect(compare(program, questions).differences.slice(0, 3)).toEqual([]);
  expect(expressions.length).toBeGreaterThan(1000);
});

test('random expressions become what they become with cel-go', { timeout: 600_000 }, () => {
  const program = buildOracle('cel');
  let [compared, refused] = [0, 0];
  const differences: object[] = [];
  const end = performance.now() + longest;
  for (let seed = firstSeed; seed < firstSeed + cases && differences.length < 3; seed += batch) {
    if (performance.now() > end) break;
    const count = Math.min(batch, firstSeed + cases - seed);
    const result = compare(
      program,
      Array.from({ length: count }, (_, i) => randomQuestion(seed + i)),
    );
    compared += count;
    refused += result.refused;
    differences.push(...result.differences);
  }
  console.log(`${compared} expressions compared, ${refused} of them refused by both`);
  expect(differences.slice(0, 3)).toEqual([]);
  expect(refused).toBeLessThan(compared * 0.9);
});

test("Kubernetes' environment declares the same functions with the same overloads in the same order", () => {
  const [answer] = ask<{ functions: Record<string, string[]> }>(buildOracle('cel'), [{ op: 'declarations' }]);
  // Declared by cel-go for expressions stored long ago, and disabled.
  const old = new Set(['in', '_in_', '__not_strictly_false__']);
  const theirs = Object.entries(answer?.functions ?? {}).filter(([name]) => !old.has(name));
  const ours = [...kubernetesEnvironment().functions.values()].map(({ name, overloads }) => [
    name,
    overloads.map(({ id, member, args, result }) => {
      return `${id} ${member ? 'member' : 'function'} (${args.map(formatType).join(', ')}) -> ${formatType(result)}`;
    }),
  ]);
  expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
});
