import { type FieldEntry, FieldSet, type PathElement } from '../fieldpath/index.ts';
import { deducedType, firstShape, type MapSchema, type TypeSchema } from './type-schema.ts';

/**
 * The set of a manager, in terms of the type as it is now: of a list or object that became atomic the manager owns the
 * whole. The other way round nothing can be done.
 */
export function reconcileFieldSet(set: FieldSet, type: TypeSchema): FieldSet {
  // Nobody owns an object as a whole: nothing to put in place of its fields.
  return isAtomic(type) ? set : below(set, type);
}

function below(set: FieldSet, type: TypeSchema): FieldSet {
  const typeOf = elementTypes(type);
  if (!typeOf) return set;
  let changed: FieldEntry[] | undefined;
  for (const [index, entry] of set.entries.entries()) {
    const elementType = typeOf(entry.element);
    const reconciled = elementType ? reconcileEntry(entry, elementType) : entry;
    if (reconciled === entry) continue;
    changed ??= [...set.entries];
    changed[index] = reconciled;
  }
  return changed ? new FieldSet(changed) : set;
}

function reconcileEntry(entry: FieldEntry, type: TypeSchema): FieldEntry {
  const { element, member, children } = entry;
  if (!children) return entry;
  if (isAtomic(type)) return { element, member: true, children: undefined };
  const reconciled = below(children, type);
  return reconciled === children ? entry : { element, member, children: reconciled };
}

/** Of a type that may be several things the server looks at the first. */
function isAtomic(type: TypeSchema): boolean {
  switch (firstShape(type)) {
    case 'list':
      return type.list?.atomic === true;
    case 'map':
      return type.map?.atomic === true && !isDeducedMap(type.map);
    default:
      return false;
  }
}

/** The types of what is below a value; undefined where nothing can be below. */
function elementTypes(type: TypeSchema): ((element: PathElement) => TypeSchema | undefined) | undefined {
  const { list, map } = type;
  switch (firstShape(type)) {
    case 'list':
      return list && (() => list.element);
    case 'map':
      if (!map || isDeducedMap(map)) return undefined;
      return (element) => (typeof element === 'string' ? map.fields.get(element)?.type : undefined) ?? map.element;
    default:
      return undefined;
  }
}

/** Objects of which nothing is declared stay as they are. */
function isDeducedMap({ fields, element }: MapSchema): boolean {
  if (fields.size > 0 || !element) return false;
  return element.name === undefined ? element.scalar === 'untyped' : element.name === deducedType.name;
}
