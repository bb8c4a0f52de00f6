import { facts } from './generated/facts.ts';
import { modules } from './generated/index.ts';
import { parseStruct } from './parse.ts';
import type { BuiltinKind, StructType } from './types.ts';

const parsed = new Map<string, StructType>();

/**
 * A struct of the published definitions by its key, `core/v1.PodSpec`. Read from its table at first use.
 * @throws Error if the tables have no such struct
 */
export function structType(key: string): StructType {
  const known = parsed.get(key);
  if (known) return known;
  const dot = key.lastIndexOf('.');
  const module = key.slice(0, dot);
  const name = key.slice(dot + 1);
  const table = tableOf(module);
  const text = table && Object.hasOwn(table.types, name) ? table.types[name] : undefined;
  if (table === undefined || text === undefined) throw new Error(`no built-in type ${key}`);
  const found = parseStruct(name, text, { module, struct: structType, enumOf: (type) => enumOf(module, type) });
  parsed.set(key, found);
  return found;
}

/** Keys of all structs of a module, `core/v1`. */
export function structTypesOf(module: string): readonly string[] {
  return Object.keys(tableOf(module)?.types ?? {}).map((name) => `${module}.${name}`);
}

/** `io.k8s.api.core.v1.PodSpec`: the name of a struct in OpenAPI documents. */
export function openApiName(key: string): string {
  const dot = key.lastIndexOf('.');
  return `${tableOf(key.slice(0, dot))?.openApiPrefix}.${key.slice(dot + 1)}`;
}

/** Every kind that the emulated server serves in the groups that the tables cover, in the order of discovery. */
export const builtinKinds: readonly BuiltinKind[] = facts;

/** The facts of one kind; undefined for a kind that is not built in. */
export function builtinKind(group: string, version: string, kind: string): BuiltinKind | undefined {
  return facts.find((fact) => fact.kind === kind && fact.group === group && fact.version === version);
}

/** `core/v1` of the core group, `apps/v1` of others: how tables are named. */
export function moduleOf(group: string, version: string): string {
  return `${group === '' ? 'core' : group}/${version}`;
}

function tableOf(module: string) {
  return Object.hasOwn(modules, module) ? modules[module as keyof typeof modules] : undefined;
}

/** Closed sets of another module are those of core or meta; names do not collide. */
function enumOf(module: string, type: string): readonly string[] | undefined {
  for (const home of [module, 'core/v1', 'meta/v1']) {
    const enums = tableOf(home)?.enums;
    if (enums && Object.hasOwn(enums, type)) return enums[type];
  }
  return undefined;
}
