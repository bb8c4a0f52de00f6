import { FieldError, FieldPath } from '../errors/index.ts';
import { checkDefaults } from './default-rules.ts';
import { checkOpenApiRules } from './openapi-rules.ts';
import type { DefinitionRules, RuleEngine } from './rule-engine.ts';
import { checkInvariants } from './structural.ts';
import { checkCompleteness } from './structural-nested.ts';
import type { StructuralSchema } from './types.ts';
import { schemaHas, usesCel } from './walk.ts';

/**
 * Everything a server asks of the schema of a custom resource before it takes it, in its words: structural
 * (every node typed, nothing judged that is not built, …), with defaults that obey it. Empty when it is fine.
 * CEL rules are compiled by `rules`; without it only their texts are looked at.
 */
export function checkStructuralSchema(
  schema: StructuralSchema,
  path: FieldPath | string = '',
  rules?: RuleEngine,
): FieldError[] {
  const engine = rules && usesCel(schema) ? rules : undefined;
  let definition: DefinitionRules | undefined;
  const at = typeof path === 'string' ? FieldPath.of(...(path === '' ? [] : [path])) : path;
  const errors: FieldError[] = [];
  if (schema.nullable === true) {
    errors.push(FieldError.forbidden(`${at}.nullable`.replace(/^\./, ''), 'nullable cannot be true at the root'));
  }
  if (isConvertible(schema)) {
    const structural = [...checkInvariants(schema, 'root', at), ...checkCompleteness(schema, schema, at, at)];
    errors.push(...structural.sort((a, b) => (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0)));
    const defaults = structural.length === 0 ? checkDefaults(schema, at, engine) : [];
    errors.push(...defaults);
    // Rules are compiled against a schema that is sound.
    if (structural.length + defaults.length === 0) definition = engine?.definition(schema);
  }
  return [...errors, ...checkOpenApiRules(schema, at, definition?.root), ...(definition?.totalErrors(at) ?? [])];
}

/** Keywords that no structural schema has: with one of them only the rules of keywords are checked. */
function isConvertible(schema: StructuralSchema): boolean {
  const isGiven = (value: object | undefined) => value !== undefined && Object.keys(value).length > 0;
  return !schemaHas(
    schema,
    (node) =>
      (node.id ?? '') !== '' ||
      (node.$schema ?? '') !== '' ||
      (node.$ref ?? '') !== '' ||
      isGiven(node.patternProperties) ||
      isGiven(node.dependencies) ||
      node.additionalItems !== undefined ||
      isGiven(node.definitions) ||
      (Array.isArray(node.items) && node.items.length > 0) ||
      node['x-kubernetes-preserve-unknown-fields'] === false,
  );
}
