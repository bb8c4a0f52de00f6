// Compares strategic merge patches with k8s.io/apimachinery's, on random objects of built-in kinds.
// SETPOINT_ORACLE_CASES: how many (as many of 10,000 as take 20 seconds), SETPOINT_ORACLE_SEED: from which on (0).
import { seededRandom } from '@setpoint/apimachinery/clock';
import { type BuiltinKind, builtinKinds, patchTypeOf } from '@setpoint/apimachinery/kinds';
import { applyStrategicMergePatch, deepEqual, goValue, StrategicPatchError } from '@setpoint/apimachinery/patch';
import { expect, test } from 'vitest';
import { type Json, Maker } from './objects.ts';
import { ask, buildOracle } from './oracle.ts';
import { randomPatch } from './patches.ts';

const cases = Number(process.env.SETPOINT_ORACLE_CASES ?? 10_000);
/** Milliseconds; whoever says how many wants them all. */
const longest = process.env.SETPOINT_ORACLE_CASES === undefined ? 20_000 : Number.POSITIVE_INFINITY;
const firstSeed = Number(process.env.SETPOINT_ORACLE_SEED ?? 0);
const batch = 500;

interface Question {
  readonly op: 'patch' | 'diff' | 'apply';
  readonly seed: number;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly object: Json;
  readonly patch?: Json;
  readonly modified?: Json;
  readonly original?: Json;
}

interface Answer {
  readonly outcomes?: readonly Outcome[];
  readonly patch?: Json;
  readonly error?: string;
}

interface Outcome {
  readonly object?: Json;
  readonly left?: string;
  readonly error?: string;
}

/** Groups whose types are in modules of their own, which the program is not made of. */
const otherModules: readonly string[] = ['apiextensions.k8s.io', 'apiregistration.k8s.io'];
const kinds = builtinKinds.filter((kind) => !otherModules.includes(kind.group) && kind.verbs.includes('patch'));
const often = kinds.filter((kind) => ['Pod', 'Deployment', 'Service', 'StatefulSet', 'CronJob'].includes(kind.kind));

function questionOf(seed: number): Question & { readonly type: string } {
  const maker = new Maker(seededRandom(seed));
  const kind = maker.pick(maker.chance(0.6) ? often : kinds) as BuiltinKind;
  const { group, version, type } = kind;
  const object = maker.struct(type);
  const asked = { seed, group, version, kind: kind.kind, type, object };
  if (maker.chance(0.5)) return { ...asked, op: 'patch', patch: randomPatch(maker, type, object) };
  const modified = maker.varied(type, object);
  if (maker.chance(0.5)) return { ...asked, op: 'diff', modified };
  return { ...asked, op: 'apply', modified, original: maker.varied(type, object) };
}

/** Undefined where ours is one of the outcomes that Go may come to. */
function difference(question: Question & { readonly type: string }, answer: Answer): object | undefined {
  const { outcomes = [] } = answer;
  const patch = question.patch ?? answer.patch;
  const mine = outcomeOf(question, patch);
  const same = (theirs: Outcome) =>
    mine.error === undefined || theirs.error === undefined
      ? mine.error === theirs.error && mine.left === theirs.left && deepEqual(mine.object, theirs.object)
      : // A panic is an error too, of which there is nothing to compare.
        mine.error === theirs.error || theirs.error.startsWith('panic: ');
  // Where Go comes across several mistakes in any order, each of them is one to name.
  const anyMistake = mine.error !== undefined && outcomes.filter((theirs) => theirs.error).length > 1;
  return anyMistake || outcomes.some(same)
    ? undefined
    : { seed: question.seed, object: question.object, patch, outcomes, mine };
}

function outcomeOf(question: Question & { readonly type: string }, patch: Json): Outcome {
  try {
    const { object, patch: left } = applyStrategicMergePatch(question.object, patch, patchTypeOf(question.type));
    return { object, left: goValue(left) };
  } catch (error) {
    if (error instanceof StrategicPatchError) return { error: error.message };
    throw error;
  }
}

test('strategic merge patches of random objects do what they do at a real server', { timeout: 600_000 }, () => {
  const program = buildOracle('strategic-merge');
  let [compared, refused] = [0, 0];
  const differences: object[] = [];
  const end = performance.now() + longest;
  for (let seed = firstSeed; seed < firstSeed + cases && differences.length < 3; seed += batch) {
    if (performance.now() > end) break;
    const questions = Array.from({ length: Math.min(batch, firstSeed + cases - seed) }, (_, i) => questionOf(seed + i));
    const answers = ask<Answer>(program, questions);
    for (const [index, question] of questions.entries()) {
      const answer = answers[index] as Answer;
      if (!answer.outcomes) continue;
      compared++;
      if (answer.outcomes.every((outcome) => outcome.error !== undefined)) refused++;
      const found = difference(question, answer);
      if (found) differences.push(found);
    }
  }
  console.log(`${compared} patches compared, ${refused} of them refused by both`);
  expect(differences.slice(0, 3)).toEqual([]);
  // Of some differences no patch can be made.
  expect(compared).toBeGreaterThan(Math.min(cases, batch) * 0.9);
});
