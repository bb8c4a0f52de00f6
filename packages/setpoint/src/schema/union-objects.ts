import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import { type Place, refuse, sameShape, without } from './context.ts';

/**
 * A union of objects. A structural schema describes every member outside of the union, once; a branch keeps what
 * tells it apart: which members it requires, and the values of the discriminator.
 */
export function hoistObjects(
  branches: readonly StructuralSchema[],
  junctor: 'anyOf' | 'oneOf',
  place: Place,
  outer: StructuralSchema = { type: 'object' },
): StructuralSchema {
  const properties: Record<string, StructuralSchema> = { ...outer.properties };
  const rules: Record<string, StructuralSchema>[] = branches.map(() => ({}));
  const names = [...new Set(branches.flatMap((branch) => Object.keys(branch.properties ?? {})))];
  for (const name of names) {
    const at = { ...place, path: `${place.path}.${name}` };
    const shapes = branches.map((branch) => branch.properties?.[name]);
    const known = [outer.properties?.[name], ...shapes].filter((shape) => shape !== undefined);
    const merged = mergeShapes(known, at);
    properties[name] = merged;
    if (merged.default !== undefined && shapes.some((shape) => shape === undefined)) {
      refuse(
        at,
        'DefaultNotAllowed',
        'a default of one branch of a union would be filled in for all of them',
        'make it optional without a default, or give every branch the member',
      );
    }
    for (const [index, shape] of shapes.entries())
      if (shape?.enum && !sameShape(shape.enum, merged.enum))
        (rules[index] as Record<string, StructuralSchema>)[name] = { enum: shape.enum };
  }
  for (const branch of branches) refuseInBranch(branch, place);
  const common = requiredByAll(branches);
  const ruled = branches.map((branch, index) => branchRules(branch, rules[index] ?? {}, common));
  const required = [...new Set([...(outer.required ?? []), ...common])];
  const keeps = [outer, ...branches].some((branch) => branch['x-kubernetes-preserve-unknown-fields']);
  const pointless = junctor === 'anyOf' && ruled.some((rule) => Object.keys(rule).length === 0);
  return {
    ...outer,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
    ...(keeps ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
    ...(pointless ? {} : { [junctor]: ruled }),
  };
}

/** One shape for a member that several branches have: equal ones, or literals of one type. */
function mergeShapes(shapes: readonly StructuralSchema[], at: Place): StructuralSchema {
  const first = shapes[0] as StructuralSchema;
  if (shapes.every((shape) => sameShape(shape, first))) return shapes.find((shape) => shape.description) ?? first;
  const bare = (shape: StructuralSchema) => without(shape, 'enum', 'description', 'title');
  const literal = shapes.every((shape) => shape.enum && sameShape(bare(shape), bare(first)));
  if (literal) return { ...first, enum: [...new Set(shapes.flatMap((shape) => shape.enum ?? []))] };
  return refuse(
    at,
    'Union',
    'branches of a union have this member in different shapes, and a CRD describes a member once',
    'give it one shape, or other names in other branches',
  );
}

function requiredByAll(branches: readonly StructuralSchema[]): readonly string[] {
  const [first, ...rest] = branches;
  return (first?.required ?? []).filter((name) => rest.every((branch) => branch.required?.includes(name)));
}

function branchRules(
  branch: StructuralSchema,
  properties: Record<string, StructuralSchema>,
  common: readonly string[],
): StructuralSchema {
  const required = (branch.required ?? []).filter((name) => !common.includes(name));
  return {
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
    ...(branch.minProperties === undefined ? {} : { minProperties: branch.minProperties }),
    ...(branch.maxProperties === undefined ? {} : { maxProperties: branch.maxProperties }),
    ...(branch.anyOf ? { anyOf: branch.anyOf } : {}),
    ...(branch.oneOf ? { oneOf: branch.oneOf } : {}),
  };
}

function refuseInBranch(branch: StructuralSchema, place: Place): void {
  if (branch.additionalProperties !== undefined)
    refuse(place, 'Union', 'a branch of the union is a map', 'put the map into a member of that branch');
  if (branch['x-kubernetes-validations'])
    refuse(place, 'Union', 'a branch of the union has CEL rules', 'put them on the union, guarded by has(self.member)');
  if (branch['x-kubernetes-embedded-resource'])
    refuse(place, 'Union', 'a branch of the union is an embedded resource', 'put it into a member of that branch');
}
