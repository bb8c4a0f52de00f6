// Compares how protobuf bodies are read with how Go writes them, for every built-in kind.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@setpoint/apimachinery/clock';
import { type BuiltinKind, builtinKinds } from '@setpoint/apimachinery/kinds';
import { formatApiVersion } from '@setpoint/apimachinery/meta';
import { expect, test } from 'vitest';
import { Maker } from '../../../test/oracles/objects.ts';
import { ask, buildOracle } from '../../../test/oracles/oracle.ts';
import { decodeBody } from '../src/http/index.ts';
import { canonicalStruct, decodeStruct } from '../src/kinds/index.ts';

/** Groups whose types are in modules of their own, which the program is not made of. */
const otherModules: readonly string[] = ['apiextensions.k8s.io', 'apiregistration.k8s.io'];
const kinds = builtinKinds.filter((kind) => !otherModules.includes(kind.group));
const objectsOfEach = Number(process.env.SETPOINT_ORACLE_OBJECTS ?? 30);

interface Answer {
  readonly object: object;
  /** Base64. */
  readonly protobuf: string;
  readonly error?: string;
}

/** As it would be stored: in a form in which nothing that Go does not tell apart differs. */
function stored(kind: BuiltinKind, body: Uint8Array, format: 'json' | 'protobuf'): unknown {
  const expected = { kind: kind.kind, apiVersion: formatApiVersion(kind.group, kind.version) };
  const decoded = decodeBody(body, format, expected);
  if (decoded instanceof Promise) throw new Error('only YAML takes its time');
  const problems: string[] = [];
  const object = canonicalStruct(kind.type, decodeStruct(kind.type, decoded.object, problems));
  expect([...problems, ...decoded.problems]).toEqual([]);
  return object;
}

test('random objects of every kind are read from protobuf as from JSON', { timeout: 300_000 }, () => {
  const program = buildOracle('strategic-merge');
  for (const kind of kinds) {
    const { group, version, type } = kind;
    const maker = new Maker(seededRandom(type));
    const questions = Array.from({ length: objectsOfEach }, () => ({
      op: 'protobuf',
      group,
      version,
      kind: kind.kind,
      object: { apiVersion: formatApiVersion(group, version), kind: kind.kind, ...maker.struct(type) },
    }));
    for (const { object, protobuf, error } of ask<Answer>(program, questions)) {
      expect(error, type).toBeUndefined();
      const fromJson = stored(kind, Buffer.from(JSON.stringify(object)), 'json');
      expect(stored(kind, Buffer.from(protobuf, 'base64'), 'protobuf'), type).toEqual(fromJson);
    }
  }
});

test('the objects that k8s.io/api itself is tested with are read from protobuf as from JSON', () => {
  const cwd = join(import.meta.dirname, '../../../test/oracles/strategic-merge');
  const module = execFileSync('go', ['list', '-m', '-f', '{{.Dir}}', 'k8s.io/api'], { cwd, encoding: 'utf8' }).trim();
  for (const kind of kinds) {
    const file = join(module, 'testdata', 'HEAD', [kind.group || 'core', kind.version, kind.kind].join('.'));
    expect(existsSync(`${file}.pb`), file).toBe(true);
    const fromJson = stored(kind, readFileSync(`${file}.json`), 'json');
    expect(stored(kind, readFileSync(`${file}.pb`), 'protobuf'), kind.type).toEqual(fromJson);
  }
});
