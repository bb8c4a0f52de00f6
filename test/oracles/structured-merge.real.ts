// Compares applies, updates and sets of fields with sigs.k8s.io/structured-merge-diff: random types and objects, several
// managers. SETPOINT_ORACLE_CASES: how many sequences (as many of 10,000 as take 20 seconds), SETPOINT_ORACLE_SEED: from
// which on (0).
import { seededRandom } from '@setpoint/apimachinery/clock';
import { isJsonObject, stringifyJson } from '@setpoint/apimachinery/json';
import { type BuiltinKind, builtinKinds } from '@setpoint/apimachinery/kinds';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { expect, test } from 'vitest';
import {
  anyElement,
  asTyped,
  builtinType,
  ConflictError,
  type Converter,
  createUpdater,
  deducedType,
  excludeFilter,
  FieldSet,
  includeFilter,
  type ManagedFields,
  MissingVersionError,
  pathMatcher,
  pathText,
  structuralType,
  type TypeSchema,
  type VersionedSet,
} from '../../packages/controlplane/src/apply/merge/index.ts';
import { otherSchema, randomFields, randomSchema, randomSteps, randomValue, type Step, variedValue } from './merges.ts';
import { type Json, Maker } from './objects.ts';
import { ask, buildOracle } from './oracle.ts';

const cases = Number(process.env.SETPOINT_ORACLE_CASES ?? 10_000);
/** Milliseconds; whoever says how many wants them all. */
const longest = process.env.SETPOINT_ORACLE_CASES === undefined ? 20_000 : Number.POSITIVE_INFINITY;
const firstSeed = Number(process.env.SETPOINT_ORACLE_SEED ?? 0);
const batch = 200;

interface Question {
  readonly seed: number;
  readonly schemas: readonly Json[];
  readonly steps: readonly Step[];
  readonly ignored?: Json;
}

interface Result {
  readonly object: Json;
  readonly managers: Readonly<Record<string, { version: string; applied: boolean; fields: Json }>>;
  readonly conflicts?: readonly { readonly manager: string; readonly path: string }[];
  readonly error?: string;
}

interface Answer {
  readonly steps?: readonly Result[];
  readonly error?: string;
}

const converter: Converter = {
  convert(object, apiVersion) {
    if (apiVersion === 'gone') throw new MissingVersionError('gone');
    return object;
  },
};

/** Goes through the steps as the program does. */
class Sequence {
  readonly #types: readonly TypeSchema[];
  readonly #ignored: FieldSet | undefined;
  #type: TypeSchema;
  #live: Json;
  #managers: ManagedFields = new Map();

  constructor(types: readonly TypeSchema[], live: Json, ignored: Json) {
    this.#types = types;
    this.#type = types[0] as TypeSchema;
    this.#live = live;
    this.#ignored = ignored && FieldSet.fromJson(ignored);
  }

  do(step: Step): Result {
    try {
      if (step.op === 'type') this.#type = this.#types[step.type as number] as TypeSchema;
      else this.#write(step);
    } catch (error) {
      if (!(error instanceof ConflictError)) return { ...this.#result(), error: (error as Error).message };
      const conflicts = error.conflicts.map(({ manager, path }) => ({ manager, path: pathText(path) }));
      return { ...this.#result(), conflicts };
    }
    return this.#result();
  }

  #write({ op, manager = '', version = '', force = false, object }: Step): void {
    const options = this.#ignored ? { ignore: new Map([['v1', excludeFilter(this.#ignored)]]) } : {};
    const updater = createUpdater({ converter, ...options });
    const live = asTyped(this.#live, this.#type, { allowDuplicates: true });
    const { object: next, managers } =
      op === 'update'
        ? updater.update(live, asTyped(object, this.#type, { allowDuplicates: true }), version, this.#managers, manager)
        : updater.apply(live, asTyped(object, this.#type), version, this.#managers, manager, force);
    if (next) this.#live = next.value;
    const kept = new Map<string, VersionedSet>();
    for (const [name, owned] of managers) kept.set(name, { ...owned, set: roundTrip(owned.set) });
    this.#managers = kept;
  }

  #result(): Result {
    const managers = [...this.#managers].map(([name, { set, apiVersion, applied }]) => [
      name,
      { version: apiVersion, applied, fields: set.toJson() },
    ]);
    return { object: this.#live, managers: Object.fromEntries(managers) };
  }
}

/** As between two requests. */
function roundTrip(set: FieldSet): FieldSet {
  return FieldSet.fromJson(JSON.parse(stringifyJson(set.toJson())));
}

function sameStep(mine: Result, theirs: Result): boolean {
  if ((mine.error === undefined) !== (theirs.error === undefined)) return false;
  // Of several mistakes Go finds any first, or several in any order.
  const several = [mine, theirs].some(({ error }) => error?.includes('\n') || error?.includes('not declared'));
  if (!several && letters(mine.error) !== letters(theirs.error)) return false;
  return (
    deepEqual(mine.conflicts ?? [], theirs.conflicts ?? []) &&
    deepEqual(mine.object, theirs.object) &&
    // By their text: the order of members counts.
    deepEqual(texts(mine), texts(theirs))
  );
}

/** An object that stands for a key is printed with its members in any order. */
function letters(text: string | undefined): string | undefined {
  return text && [...text].sort().join('');
}

function texts({ managers }: Result): Record<string, string> {
  return Object.fromEntries(
    Object.entries(managers).map(([name, { version, applied, fields }]) => [
      name,
      `${version} ${applied} ${JSON.stringify(fields)}`,
    ]),
  );
}

function questionOf(seed: number): Question {
  const maker = new Maker(seededRandom(seed));
  const schema = maker.chance(0.05) ? null : randomSchema(maker);
  const schemas = schema && maker.chance(0.2) ? [schema, otherSchema(maker, schema)] : [schema];
  const shape = schema ?? {};
  const wild = maker.chance(0.15) ? 0.03 : 0;
  const object = () => asObject(randomValue(maker, schema ?? { type: 'object' }, wild));
  const vary = (before: Json) => (maker.chance(0.2) ? object() : asObject(variedValue(maker, shape, before, wild)));
  const steps = randomSteps(maker, object(), vary, schemas.length);
  return { seed, schemas, steps, ...(maker.chance(0.1) ? { ignored: { 'f:a': {}, 'f:b': { 'f:a': {} } } } : {}) };
}

function asObject(value: Json): Json {
  return isJsonObject(value) ? value : {};
}

/** What the server adds to the schema of a custom resource. */
function published(schema: Json): Json {
  const { properties } = schema ?? {};
  const text = { type: 'string' };
  return (
    schema && { ...schema, properties: { ...properties, apiVersion: text, kind: text, metadata: { type: 'object' } } }
  );
}

function typeOf(schema: Json): TypeSchema {
  return schema ? structuralType(schema) : deducedType;
}

function shown(result: Result | undefined): object | undefined {
  return result && { ...result, object: JSON.stringify(result.object), managers: texts(result) };
}

interface Tally {
  steps: number;
  conflicts: number;
  errors: number;
}

/** The first step in which the two differ. */
function difference(question: Question, types: readonly TypeSchema[], answer: Answer, live: Json, tally: Tally) {
  const sequence = new Sequence(types, live, question.ignored);
  for (const [index, step] of question.steps.entries()) {
    const mine = sequence.do(step);
    const theirs = answer.steps?.[index];
    if (!theirs || !sameStep(mine, theirs)) {
      const { seed, schemas } = question;
      const steps = question.steps.slice(0, index + 1);
      return {
        seed,
        schemas: JSON.stringify(schemas),
        steps: steps.map((one) => JSON.stringify(one)),
        mine: shown(mine),
        theirs: shown(theirs),
      };
    }
    tally.steps++;
    if (theirs.conflicts) tally.conflicts++;
    if (theirs.error !== undefined) tally.errors++;
  }
  return undefined;
}

test('applies and updates of random objects do what they do at a real server', { timeout: 900_000 }, () => {
  const program = buildOracle('structured-merge');
  const tally: Tally = { steps: 0, conflicts: 0, errors: 0 };
  const differences: object[] = [];
  const end = performance.now() + longest;
  let sequences = 0;
  for (let seed = firstSeed; seed < firstSeed + cases && differences.length < 3; seed += batch) {
    if (performance.now() > end) break;
    const questions = Array.from({ length: Math.min(batch, firstSeed + cases - seed) }, (_, i) => questionOf(seed + i));
    const asked = questions.map((question) => ({ ...question, schemas: question.schemas.map(published) }));
    const answers = ask<Answer>(program, asked);
    for (const [index, question] of questions.entries()) {
      const types = question.schemas.map(typeOf);
      const found = difference(question, types, answers[index] as Answer, {}, tally);
      if (found) differences.push(found);
      sequences++;
    }
  }
  console.log(
    `${sequences} sequences of ${tally.steps} steps compared, ${tally.conflicts} conflicts, ${tally.errors} errors`,
  );
  expect(differences.slice(0, 1).map((one) => JSON.stringify(one, undefined, 1))).toEqual([]);
  expect(tally.conflicts).toBeGreaterThan(0);
  expect(tally.errors).toBeGreaterThan(0);
});

/** Groups whose types are in modules of their own, which the program is not made of. */
const otherModules: readonly string[] = ['apiextensions.k8s.io', 'apiregistration.k8s.io'];
const kinds = builtinKinds.filter((kind) => !otherModules.includes(kind.group) && kind.verbs.includes('patch'));
const often = kinds.filter((kind) => ['Pod', 'Deployment', 'Service', 'StatefulSet', 'CronJob'].includes(kind.kind));

function builtinQuestion(seed: number): Question & { readonly kind: BuiltinKind } {
  const maker = new Maker(seededRandom(seed));
  const kind = maker.pick(maker.chance(0.6) ? often : kinds);
  const { group, version, type } = kind;
  const head = { apiVersion: group === '' ? version : `${group}/${version}`, kind: kind.kind };
  const first = { ...maker.struct(type), ...head };
  const vary = (before: Json) => ({ ...maker.varied(type, before), ...head });
  return { seed, kind, schemas: [], steps: randomSteps(maker, first, vary, 1) };
}

test('so do those of built-in kinds', { timeout: 900_000 }, () => {
  const program = buildOracle('structured-merge');
  const tally: Tally = { steps: 0, conflicts: 0, errors: 0 };
  const differences: object[] = [];
  const end = performance.now() + longest / 2;
  for (let seed = firstSeed; seed < firstSeed + cases / 4 && differences.length < 3; seed += batch / 4) {
    if (performance.now() > end) break;
    const questions = Array.from({ length: batch / 4 }, (_, i) => builtinQuestion(seed + i));
    const answers = ask<Answer>(program, questions);
    for (const [index, question] of questions.entries()) {
      const { group, version, kind } = question.kind;
      const { apiVersion } = question.steps[0]?.object ?? {};
      const types = [builtinType(group, version, kind) as TypeSchema];
      const found = difference(question, types, answers[index] as Answer, { apiVersion, kind }, tally);
      if (found) differences.push(found);
    }
  }
  console.log(
    `${tally.steps} steps with built-in kinds compared, ${tally.conflicts} conflicts, ${tally.errors} errors`,
  );
  expect(differences.slice(0, 1).map((one) => JSON.stringify(one, undefined, 1))).toEqual([]);
});

test('sets of fields are worked on as by the library', { timeout: 120_000 }, () => {
  const program = buildOracle('structured-merge');
  const pairs = Array.from({ length: Math.min(cases, 1000) }, (_, i) => {
    const maker = new Maker(seededRandom(firstSeed + i));
    return [randomFields(maker), randomFields(maker)] as const;
  });
  const answers = ask<{ sets: Record<string, string> }>(
    program,
    pairs.map((sets) => ({ sets })),
  );
  const include = includeFilter(
    pathMatcher('a', anyElement, 'b'),
    pathMatcher('a', 'c'),
    pathMatcher('b', anyElement),
    pathMatcher('b', 'a'),
  );
  for (const [index, [first, second]] of pairs.entries()) {
    const [a, b] = [FieldSet.fromJson(first), FieldSet.fromJson(second)];
    const text = (set: FieldSet) => JSON.stringify(set.toJson());
    expect({
      text: String(a),
      a: text(a),
      leaves: text(a.leaves()),
      union: text(a.union(b)),
      intersection: text(a.intersection(b)),
      difference: text(a.difference(b)),
      recursiveDifference: text(a.recursiveDifference(b)),
      include: text(include(a)),
    }).toEqual(answers[index]?.sets);
  }
});
