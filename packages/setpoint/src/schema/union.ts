import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import { isObject, type JsonSchema, type Place, refuse, without } from './context.ts';
import { convert } from './convert.ts';
import { normalise } from './normalise.ts';
import { patternOfLiterals } from './patterns.ts';
import { enumType } from './scalars.ts';
import { hoistObjects } from './union-objects.ts';

type Junctor = 'anyOf' | 'oneOf';

interface Branch {
  readonly schema: JsonSchema;
  readonly place: Place;
}

/** One of several schemas. What a CRD can say of it depends on whether the branches share a type. */
export function convertUnion(schema: JsonSchema, place: Place): StructuralSchema {
  const junctor: Junctor = Array.isArray(schema.oneOf) ? 'oneOf' : 'anyOf';
  if (schema['x-kubernetes-int-or-string'] === true) return markedIntOrString(schema, place);
  if (Array.isArray(schema.oneOf) && Array.isArray(schema.anyOf))
    return refuse(place, 'Union', 'anyOf and oneOf stand side by side', 'use one of them');
  const branches = flatten(schema[junctor] as readonly unknown[], junctor, place);
  if (!branches) return {};
  const own = without(schema, junctor, 'description', 'title', 'default', 'nullable');
  if (own.type !== undefined || own.properties !== undefined) return ruledBranches(own, branches, junctor, place);
  if (branches.every(({ schema: branch }) => Array.isArray(branch.enum))) {
    const values = branches.flatMap(({ schema: branch }) => branch.enum as readonly unknown[]);
    const type = enumType(values);
    if (type === undefined) return scalarUnion(place);
    return { type, ...(type === 'boolean' ? {} : { enum: [...new Set(values)] as never }) };
  }
  const converted = branches.map(({ schema: branch, place: at }) => convert(branch, at));
  const types = new Set(converted.map(({ type }) => type));
  const [only] = types;
  if (types.size === 1 && only === 'object') return hoistObjects(converted, junctor, place);
  if (types.size === 1 && only !== undefined && only !== 'array') return sameScalar(only, converted, junctor);
  if (types.size === 2 && types.has('integer') && types.has('string')) return intOrStringOf(converted, place);
  if (types.size === 2 && types.has('integer') && types.has('number')) return sameScalar('number', converted, junctor);
  const known = place.conversion.problems.some(({ path }) => path.startsWith(place.path));
  return known ? {} : scalarUnion(place);
}

function scalarUnion(place: Place): StructuralSchema {
  return refuse(
    place,
    'ScalarUnion',
    'a CRD has no unions of several types but of an integer and a string',
    'use one type, z.union([z.int(), z.string()]), or an object with a member for each; .meta(preserveUnknown()) on z.unknown() takes anything',
  );
}

/** Unions in unions are one union. */
function flatten(input: readonly unknown[], junctor: Junctor, place: Place): Branch[] | undefined {
  const out: Branch[] = [];
  for (const branch of input) {
    if (!isObject(branch)) {
      refuse(place, 'Union', 'a branch of the union takes anything or nothing', 'leave that branch out');
      return undefined;
    }
    const normalised = normalise(branch, place);
    if (!normalised) return undefined;
    const { schema } = normalised;
    const rest = without(schema, junctor, 'description', 'title');
    if (Array.isArray(schema[junctor]) && Object.keys(rest).length === 0) {
      const inner = flatten(schema[junctor] as readonly unknown[], junctor, normalised.place);
      if (!inner) return undefined;
      out.push(...inner);
    } else out.push(normalised);
  }
  return out;
}

const textual = ['type', 'description', 'title', 'default', 'nullable'];

/** `z.union([z.ipv4(), z.ipv6()])`: the type outside, what tells the branches apart inside. */
function sameScalar(type: string, branches: readonly StructuralSchema[], junctor: Junctor): StructuralSchema {
  const ruled = branches.map((branch) => {
    const rules = without(branch, ...textual);
    return type === 'number' || type === 'integer' ? without(rules, 'format') : rules;
  });
  const unique = [...new Map(ruled.map((branch) => [JSON.stringify(branch), branch])).values()];
  if (unique.length === 1) return { type, ...unique[0] };
  if (unique.some((branch) => Object.keys(branch).length === 0)) return { type };
  return { type, [junctor]: unique };
}

const pair = [{ type: 'integer' }, { type: 'string' }] as const;

function markedIntOrString(schema: JsonSchema, place: Place): StructuralSchema {
  const branches = [schema.anyOf, schema.oneOf].find(Array.isArray) ?? [];
  const rules: Record<string, unknown> = {};
  for (const keyword of ['pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'enum', 'multipleOf'])
    if (schema[keyword] !== undefined) rules[keyword] = schema[keyword];
  if (branches.length === 0) return { anyOf: pair, ...rules };
  const flat = flatten(branches, 'anyOf', place) ?? [];
  return {
    ...intOrStringOf(
      flat.map((branch) => convert(branch.schema, branch.place)),
      place,
    ),
    ...rules,
  };
}

/** Rules of strings hold for strings only and rules of numbers for numbers, so that both can stand outside. */
function intOrStringOf(branches: readonly StructuralSchema[], place: Place): StructuralSchema {
  const rules: Record<string, unknown> = {};
  for (const branch of branches) {
    const { enum: literals, ...own } = without(branch, ...textual) as StructuralSchema;
    const texts =
      literals && branch.type === 'string' ? { pattern: patternOfLiterals(literals as readonly string[]) } : {};
    const ruled: Record<string, unknown> = { ...without(own, 'format'), ...texts };
    const clash = Object.keys(ruled).some(
      (keyword) => keyword in rules || keyword.startsWith('x-') || keyword === 'anyOf',
    );
    if (clash || (literals && branch.type === 'integer') || (branch.type === 'string' && branch.format)) {
      return refuse(
        place,
        'ScalarUnion',
        'the integer or the string of the union has rules that a CRD cannot give to one of them',
        'leave a plain integer and a plain string (with one pattern), and write the rest as a CEL rule',
      );
    }
    Object.assign(rules, ruled);
  }
  return { 'x-kubernetes-int-or-string': true, anyOf: pair, ...rules };
}

/** `{ type: object, properties, anyOf: [{ required: [a] }, { required: [b] }] }`: branches that only rule what stands outside. */
function ruledBranches(own: JsonSchema, branches: readonly Branch[], junctor: Junctor, place: Place): StructuralSchema {
  const outer = convert(own, place);
  const plain = [
    'required',
    'enum',
    'pattern',
    'format',
    'minLength',
    'maxLength',
    'minimum',
    'maximum',
    'minItems',
    'maxItems',
  ];
  const rules = branches.map(({ schema: branch }) => without(branch, 'description', 'title', 'additionalProperties'));
  if (rules.every((branch) => Object.keys(branch).every((keyword) => plain.includes(keyword))))
    return { ...outer, [junctor]: rules };
  const converted = branches.map(({ schema: branch, place: at }) =>
    convert({ type: own.type ?? 'object', ...branch }, at),
  );
  if (outer.type !== 'object' || converted.some((branch) => branch.type !== 'object'))
    return refuse(
      place,
      'Union',
      'the branches have rules that a CRD cannot give to a branch',
      'write them as a CEL rule',
    );
  return hoistObjects(converted, junctor, place, outer);
}
