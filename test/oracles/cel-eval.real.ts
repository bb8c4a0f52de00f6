// Compares what expressions come to, and what that costs, with cel-go in the environment of Kubernetes 1.36.
// SETPOINT_ORACLE_CASES: how many (as many of 10,000 as take 30 seconds), SETPOINT_ORACLE_SEED: from which on (0).
import {
  compile,
  type Environment,
  kubernetesEnvironment,
  structTypes,
  type Type,
  valueOfJson,
  valueOfSchema,
} from '@setpoint/apimachinery/cel';
import { seededRandom } from '@setpoint/apimachinery/clock';
import type { JsonValue } from '@setpoint/apimachinery/meta';
import { expect, test } from 'vitest';
import { EvaluationMaker, schema, types, variables } from './cel/evaluations.ts';
import { valueText } from './cel/value-text.ts';
import { ask, buildOracle } from './oracle.ts';

const cases = Number(process.env.SETPOINT_ORACLE_CASES ?? 10_000);
/** Milliseconds; whoever says how many wants them all. */
const longest = process.env.SETPOINT_ORACLE_CASES === undefined ? 30_000 : Number.POSITIVE_INFINITY;
const firstSeed = Number(process.env.SETPOINT_ORACLE_SEED ?? 0);
const batch = 1000;

interface Case {
  readonly seed: number;
  readonly expression: string;
  readonly self: JsonValue;
  readonly any: JsonValue;
}

interface Answer {
  readonly error?: string;
  readonly tree?: string;
  readonly cost?: string;
}

function caseOf(seed: number): Case {
  const maker = new EvaluationMaker(seededRandom(seed));
  const expression = maker.expression();
  return { seed, expression, self: maker.self() as JsonValue, any: maker.any() as JsonValue };
}

const question = ({ expression, self, any }: Case) => ({
  op: 'eval',
  expression,
  variables,
  types,
  bindings: { self: { json: JSON.stringify(self), schema }, any: { json: JSON.stringify(any) } },
});

const environment: Environment = kubernetesEnvironment({
  variables: Object.entries(variables).map(([name, type]) => ({ name, type: type as Type })),
  provider: structTypes(types as Readonly<Record<string, Readonly<Record<string, Type>>>>),
});

/** The kind of outcome, and what is to be equal of it. Where it does not compile, the checker's tests look closer. */
function ours({ expression, self, any }: Case): Answer {
  const compiled = compile(expression, environment);
  if (!compiled.ok) {
    return { error: compiled.issues === undefined ? `program: ${compiled.message}` : 'compile: ' };
  }
  const activation = { self: valueOfSchema(self, schema), any: valueOfJson(any) };
  const outcome = compiled.program.evaluate(activation);
  const cost = String(outcome.cost);
  return 'error' in outcome ? { error: outcome.error, cost } : { tree: valueText(outcome.value), cost };
}

const reduced = ({ error, tree, cost }: Answer): Answer =>
  error?.startsWith('compile: ')
    ? { error: 'compile: ' }
    : { ...(error ? { error } : { tree: tree as string }), ...(cost ? { cost } : {}) };

const isSame = (go: Answer, mine: Answer): boolean =>
  // cel-go's checker itself breaks off on some expressions that do not fit.
  go.error?.startsWith('panic: ') === true ? mine.error === 'compile: ' : JSON.stringify(go) === JSON.stringify(mine);

/** Go walks through a map in another order each time, and which error comes first depends on it. */
const isOneOf = (program: string, each: Case, mine: Answer): boolean =>
  ask<Answer>(program, new Array(32).fill(question(each))).some((answer) => isSame(reduced(answer), mine));

test('values, errors and costs of expressions are those of cel-go', { timeout: 600_000 }, () => {
  const program = buildOracle('cel');
  const end = performance.now() + longest;
  const differences: object[] = [];
  let asked = 0;
  let evaluated = 0;
  for (let from = firstSeed; from < firstSeed + cases && performance.now() < end; from += batch) {
    const all = Array.from({ length: Math.min(batch, firstSeed + cases - from) }, (_, i) => caseOf(from + i));
    const answers = ask<Answer>(program, all.map(question));
    for (const [i, each] of all.entries()) {
      const [go, mine] = [reduced(answers[i] as Answer), reduced(ours(each))];
      asked++;
      if (go.error !== 'compile: ') evaluated++;
      if (!isSame(go, mine) && !isOneOf(program, each, mine)) differences.push({ ...each, go, mine });
    }
  }
  console.log(`${asked} expressions from seed ${firstSeed} on, ${evaluated} of them evaluated`);
  expect(differences.slice(0, Number(process.env.SETPOINT_ORACLE_SHOW ?? 5))).toEqual([]);
});
