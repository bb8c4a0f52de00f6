import { type FieldEntry, FieldSet, type PathElement } from '../fieldpath/index.ts';
import type { TypeSchema } from './type-schema.ts';

/** The set with all declared fields that something in it is below. Items and undeclared members do not get in. */
export function withNamedFields(set: FieldSet, type: TypeSchema | undefined): FieldSet {
  let changed: FieldEntry[] | undefined;
  for (const [index, entry] of set.entries.entries()) {
    if (!entry.children) continue;
    const { element } = entry;
    const children = withNamedFields(entry.children, typeOf(element, type));
    const member = entry.member || (typeof element === 'string' && type?.map?.fields.has(element) === true);
    if (member === entry.member && children === entry.children) continue;
    changed ??= [...set.entries];
    changed[index] = { element, member, children };
  }
  return changed ? new FieldSet(changed) : set;
}

function typeOf(element: PathElement, type: TypeSchema | undefined): TypeSchema | undefined {
  if (typeof element === 'string') return type?.map?.fields.get(element)?.type ?? type?.map?.element;
  return element.kind === 'key' ? type?.list?.element : undefined;
}
