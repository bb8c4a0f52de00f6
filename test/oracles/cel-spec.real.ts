// Runs the conformance tests of cel-spec (module cel.dev/expr) that speak of no protocol buffers messages. A Go program
// turns them into JSON; nothing of them is kept here. What does not apply is counted by its reason and printed.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compile, type Environment, kubernetesEnvironment, type Value } from '@setpoint/apimachinery/cel';
import { expect, test } from 'vitest';
import { NotApplicable, type SpecFile, type SpecTest, typeOfSpec, valueOfSpec } from './cel/conformance.ts';
import { valueText } from './cel/value-text.ts';
import { ask, buildOracle } from './oracle.ts';

const messages = 'protocol buffers messages';

/** Files of which nothing applies, and why. */
const skippedFiles: ReadonlyMap<string, string> = new Map([
  ['bindings_ext', 'an extension that Kubernetes has not: cel.bind'],
  ['block_ext', 'an extension that Kubernetes has not: cel.block'],
  ['encoders_ext', 'an extension that Kubernetes has not: base64'],
  ['math_ext', 'an extension that Kubernetes has not: math'],
  ['enums', messages],
  ['dynamic', messages],
  ['proto2', messages],
  ['proto2_ext', messages],
  ['proto3', messages],
  ['wrappers', messages],
]);

const base = kubernetesEnvironment();

/** An environment with a test's variables. */
function environmentOf({ typeEnv = [] }: SpecTest): Environment {
  const variables = typeEnv.map(({ name, ident }) => {
    if (ident === undefined) throw new NotApplicable('functions declared by the test');
    return [name, { name, type: typeOfSpec(ident.type) }] as const;
  });
  return { ...base, variables: new Map([...base.variables, ...variables]) };
}

type Outcome =
  | { readonly passed: true }
  | { readonly skipped: string }
  /** Not what cel-spec says; to be judged by what cel-go says in Kubernetes' environment. */
  | { readonly mine: string; readonly why: string };

function run(each: SpecTest): Outcome {
  try {
    return outcomeOf(each);
  } catch (error) {
    if (error instanceof NotApplicable) return { skipped: error.message };
    throw error;
  }
}

function outcomeOf(each: SpecTest): Outcome {
  if (each.container !== undefined) return { skipped: 'names looked up in a container' };
  if (each.unknown !== undefined) return { skipped: 'unknown values' };
  if (/\b(?:google\s*\.\s*protobuf|TestAllTypes)\b[^()]*\{/.test(each.expr)) return { skipped: messages };
  const bindings: Record<string, Value> = {};
  for (const [name, { value }] of Object.entries(each.bindings ?? {})) bindings[name] = valueOfSpec(value ?? {});
  const expected = each.value ?? each.typedResult?.result;
  const wanted = expected === undefined ? 'true' : valueText(valueOfSpec(expected));
  const environment = environmentOf(each);
  const compiled = compile(each.expr, each.disableMacros === true ? { ...environment, macros: [] } : environment);
  const isError = each.evalError !== undefined || each.anyEvalErrors !== undefined;
  if (!compiled.ok) {
    if (compiled.issues !== undefined) return { mine: 'compile', why: String(compiled.issues) };
    return isError ? { passed: true } : { mine: 'program', why: compiled.message };
  }
  if (each.checkOnly === true) return { passed: true };
  const outcome = compiled.program.evaluate(bindings);
  if ('error' in outcome) return isError ? { passed: true } : { mine: outcome.error, why: `not ${wanted}` };
  const text = valueText(outcome.value);
  if (!isError && text === wanted) return { passed: true };
  return { mine: text, why: isError ? 'an error was expected' : `not ${wanted}` };
}

/** Where Kubernetes' environment differs from the specification, cel-go in it must say what we say. */
function isAsKubernetes(program: string, each: SpecTest, mine: string): boolean {
  const variables = Object.fromEntries(
    (each.typeEnv ?? []).flatMap(({ name, ident }) => (ident === undefined ? [] : [[name, typeOfSpec(ident.type)]])),
  );
  const bindings = Object.fromEntries(
    Object.entries(each.bindings ?? {}).flatMap(([name, { value }]) =>
      typeof value?.stringValue === 'string' ? [[name, { json: JSON.stringify(value.stringValue) }]] : [],
    ),
  );
  const [answer] = ask<{ readonly error?: string; readonly tree?: string }>(program, [
    { op: 'eval', expression: each.expr, variables, bindings },
  ]);
  const { error, tree } = answer as { readonly error?: string; readonly tree?: string };
  return (error?.replace(/^(compile|program): [\s\S]*$/, '$1') ?? tree) === mine;
}

function specFolder(): string {
  const { stdout, status } = spawnSync('go', ['list', '-m', '-f', '{{.Dir}}', 'cel.dev/expr'], {
    cwd: join(import.meta.dirname, 'cel'),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error('go list cel.dev/expr failed');
  return join(stdout.trim(), 'tests/simple/testdata');
}

test("cel-spec's tests pass, or come out as in Kubernetes", { timeout: 600_000 }, () => {
  const program = buildOracle('cel');
  const folder = specFolder();
  const skipped = new Map<string, number>();
  const skip = (reason: string) => skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  const failures: string[] = [];
  let passed = 0;
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.textproto'))) {
    const [answer] = ask<{ readonly value: SpecFile }>(program, [
      { op: 'conformance', options: { file: join(folder, name) } },
    ]);
    const file = name.replace('.textproto', '');
    for (const section of answer?.value.section ?? []) {
      for (const each of section.test ?? []) {
        const reason = skippedFiles.get(file);
        const outcome = reason === undefined ? run(each) : { skipped: reason };
        if ('passed' in outcome) passed++;
        else if ('skipped' in outcome) skip(outcome.skipped);
        else if (isAsKubernetes(program, each, outcome.mine)) skip('other than specified, as in Kubernetes');
        else failures.push(`${file}/${section.name}/${each.name}: ${each.expr}: ${outcome.mine}: ${outcome.why}`);
      }
    }
  }
  const reasons = [...skipped].map(([reason, count]) => `\n  ${count} skipped: ${reason}`).join('');
  console.log(`${passed} of cel-spec's tests pass${reasons}`);
  expect(failures).toEqual([]);
  expect(passed).toBeGreaterThan(1100);
});
