import { escapeProperty } from '../cel/index.ts';
import type { RuleValidator, StructuralSchema } from '../schema/index.ts';
import { type CompiledRule, compileRules } from './compile.ts';
import { type Declaration, type Declare, declarations } from './declaration.ts';
import { validateNode } from './evaluate.ts';

/** The rules of a schema and of those in it; nodes without any are left out. */
export interface RuleNode {
  readonly schema: StructuralSchema;
  readonly isResourceRoot: boolean;
  readonly rules: readonly CompiledRule[];
  /** Why the rules could not be compiled. */
  readonly error?: string;
  readonly items: RuleNode | undefined;
  readonly properties: ReadonlyMap<string, RuleNode>;
  readonly additional: RuleNode | undefined;
}

const defaultBudget = 10_000_000;

export function ruleValidator(schema: StructuralSchema, isResourceRoot: boolean): RuleValidator | undefined {
  const declare = declarations();
  const node = nodeOf(schema, isResourceRoot, () => declare(schema, isResourceRoot), declare);
  if (node === undefined) return undefined;
  return {
    validate(value, { path = '', old, correlated, warn = () => {}, budget = defaultBudget }) {
      const state = { errors: [], warn, remaining: budget };
      validateNode(node, value, old, path, { current: correlated, parent: undefined }, state);
      return { errors: state.errors, remaining: state.remaining };
    },
  };
}

function nodeOf(
  schema: StructuralSchema,
  isResourceRoot: boolean,
  declaration: () => Declaration | undefined,
  declare: Declare,
): RuleNode | undefined {
  const below = (child: StructuralSchema) => {
    const isRoot = child['x-kubernetes-embedded-resource'] === true;
    return nodeOf(child, isRoot, () => declare(child, isRoot), declare);
  };
  const { items: itemSchema, additionalProperties } = schema;
  const items = itemSchema === undefined ? undefined : below(itemSchema as StructuralSchema);
  const additional = typeof additionalProperties === 'object' ? below(additionalProperties) : undefined;
  const properties = new Map<string, RuleNode>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const node = below(property);
    if (node !== undefined && isVisible(name, property, declare, declaration)) properties.set(name, node);
  }
  const hasRules = (schema['x-kubernetes-validations'] ?? []).length > 0;
  if (!hasRules && !items && !additional && properties.size === 0) return undefined;
  return { schema, isResourceRoot, items, properties, additional, ...ownRules(schema, hasRules, declaration) };
}

function ownRules(
  schema: StructuralSchema,
  hasRules: boolean,
  declaration: () => Declaration | undefined,
): Pick<RuleNode, 'rules' | 'error'> {
  if (!hasRules) return { rules: [] };
  const declared = declaration();
  if (declared === undefined) return { rules: [], error: 'failed to convert to declType for CEL validation rules' };
  return { rules: compileRules(schema, declared) };
}

/** Properties that expressions may not see have no rules that count, unless it is only their name that is in the way. */
function isVisible(
  name: string,
  property: StructuralSchema,
  declare: Declare,
  parent: () => Declaration | undefined,
): boolean {
  const escaped = escapeProperty(name);
  if (escaped === undefined)
    return declare(property, property['x-kubernetes-embedded-resource'] === true) !== undefined;
  const declared = parent();
  return declared?.kind === 'object' && declared.fields.has(escaped);
}
