import { addImports, type Import, isTaken, localNameOf } from './edit-imports.ts';
import {
  appendMember,
  hasMember,
  type ObjectExpression,
  propertyOf,
  type Source,
  unwrapped,
  withEdits,
} from './edit-source.ts';

/** What joins an operator: an export of a module, in one of the operator's lists. */
export interface Addition extends Import {
  readonly list: 'controllers' | 'kinds' | 'webhooks' | 'crds';
}

/**
 * The source of an operator with one more controller (kind, …): an import after the others and an item in the list, in
 * the form that the source has already. The same source where it is there. Undefined where there is no
 * `export default operator({ … })` with lists to be seen, or the name means something else: then a person has to do it.
 */
export function addToOperator(source: Source, addition: Addition): string | undefined {
  const declaration = operatorDeclaration(source);
  const known = localNameOf(source, addition);
  const local = known ?? addition.local ?? addition.name;
  if (!declaration || (known === undefined && isTaken(source, local))) return undefined;
  const { list } = addition;
  const property = propertyOf(declaration, list);
  if (!property && hasMember(declaration, list)) return undefined;
  const items = property ? unwrapped(property.value) : undefined;
  if (items && items.type !== 'ArrayExpression') return undefined;
  const present = items?.elements.filter((element) => element !== null) ?? [];
  if (present.some((item) => item.type === 'Identifier' && item.name === local)) return source.text;
  const edits = items
    ? appendMember(source, items, present, local)
    : appendMember(source, declaration, declaration.properties, `${list}: [${local}]`);
  return withEdits(source.text, [...addImports(source, [addition]), ...edits]);
}

/** The object in `export default operator({ … })`. */
function operatorDeclaration({ body }: Source): ObjectExpression | undefined {
  for (const statement of body) {
    if (statement.type !== 'ExportDefaultDeclaration') continue;
    const call = unwrapped(statement.declaration);
    if (call?.type !== 'CallExpression' || call.callee.type !== 'Identifier' || call.callee.name !== 'operator')
      continue;
    const argument = unwrapped(call.arguments[0]);
    return argument?.type === 'ObjectExpression' ? argument : undefined;
  }
  return undefined;
}
