// Random strategic merge patches of an object: what clients send, and what no client would.
import { type Field, structType } from '@setpoint/apimachinery/kinds';
import type { Json, Maker } from './objects.ts';

/** A patch of an object of the struct `key`; a few of them break the rules. */
export function randomPatch(maker: Maker, key: string, object: Json, depth = 0): Json {
  const patch: Json = {};
  if (depth > 0 && maker.chance(0.025)) patch.$patch = maker.pick(['replace', 'delete', 'replace', 'merge', 'else', 7]);
  for (const field of structType(key).fields) {
    if (['apiVersion', 'kind', 'managedFields'].includes(field.name)) continue;
    const old = object?.[field.name];
    const deep = field.type.kind === 'struct' || field.type.kind === 'list';
    if (!maker.chance(old === undefined ? 0.06 : deep ? 0.7 : 0.25)) continue;
    if (maker.chance(deep ? 0.04 : 0.1)) patch[field.name] = null;
    else if (maker.chance(0.006))
      patch[field.name] = maker.pick(['text', 5, true, [], {}, ['x'], { x: 1 }, [{ y: 2 }]]);
    else if (field.type.kind === 'struct') patch[field.name] = randomPatch(maker, field.type.type, old, depth + 1);
    else if (field.type.kind === 'list') Object.assign(patch, listPatch(maker, field, old, depth));
    else patch[field.name] = maker.value(field.type, depth + 3);
  }
  if (maker.chance(0.05)) patch.$retainKeys = retained(maker, key, patch);
  return patch;
}

function retained(maker: Maker, key: string, patch: Json): Json {
  if (maker.chance(0.05)) return 'name';
  const given = Object.keys(patch).filter((name) => !name.startsWith('$') && patch[name] !== null);
  const others = structType(key).fields.map((field) => field.name);
  const list = [...given, ...others.filter(() => maker.chance(0.3))];
  return maker.chance(0.1) ? list.slice(1) : list;
}

function listPatch(maker: Maker, field: Field, old: Json, depth: number): Json {
  const { items } = field.type as { items: { kind: string; type: string } };
  const patch: Json = {};
  const before = (old ?? []) as Json[];
  if (items.kind !== 'struct') {
    const added = maker.field(field, depth + 3) ?? [];
    if (maker.chance(0.8)) patch[field.name] = added;
    const deleted = before.filter((value) => !added.includes(value) && maker.chance(0.5));
    if (maker.chance(0.4)) patch[`$deleteFromPrimitiveList/${field.name}`] = deleted;
    if (maker.chance(0.4)) patch[`$setElementOrder/${field.name}`] = order(maker, [...new Set([...added, ...before])]);
    return patch;
  }
  const mergeKey = field.patchMergeKey ?? 'name';
  const touched = before
    .filter(() => maker.chance(0.4))
    .map((one) => elementPatch(maker, items.type, one, mergeKey, depth));
  const added = maker.chance(0.4) ? [maker.struct(items.type, depth + 3)] : [];
  const elements = maker.chance(0.5) ? maker.shuffled([...touched, ...added]) : [...touched, ...added];
  if (maker.chance(0.03)) elements.push({ $patch: 'replace' });
  if (maker.chance(0.01)) elements.push(maker.pick(['text', 3, { $patch: 'delete' }, { x: 1 }, ['y']]));
  patch[field.name] = elements;
  if (maker.chance(0.5)) {
    const keys = [...elements, ...before.filter(() => maker.chance(0.8))]
      .filter((one) => one?.[mergeKey] !== undefined && one.$patch === undefined)
      .map((one) => one[mergeKey]);
    const wanted = [...new Set(keys)].map((key) => ({ [mergeKey]: key }));
    patch[`$setElementOrder/${field.name}`] = order(maker, wanted);
  }
  if (maker.chance(0.1)) delete patch[field.name];
  return patch;
}

function elementPatch(maker: Maker, type: string, old: Json, mergeKey: string, depth: number): Json {
  if (maker.chance(0.25)) return { [mergeKey]: old[mergeKey], $patch: 'delete' };
  const patch = randomPatch(maker, type, old, depth + 1);
  if (maker.chance(0.99)) patch[mergeKey] = old[mergeKey];
  return patch;
}

/** Mostly the order as it is, else another one, now and then none at all. */
function order(maker: Maker, list: Json[]): Json {
  if (maker.chance(0.02)) return maker.pick(['text', {}, [{ z: 1 }], ['x'], [1]]);
  return maker.chance(0.25) ? maker.shuffled(list) : list;
}
