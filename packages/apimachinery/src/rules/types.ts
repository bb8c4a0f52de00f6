import {
  type Environment,
  kubernetesEnvironment,
  listType,
  mapType,
  objectType,
  optionalType,
  type SizeEstimator,
  stringType,
  type Type,
  type TypeProvider,
  wellKnownTypes,
} from '../cel/index.ts';
import type { StructuralSchema } from '../schema/index.ts';
import { type Declaration, declarations } from './declaration.ts';

/** The name of the type of `self`. Real servers make one up each time, so that nobody relies on it. */
const selfTypeName = 'selfType0';

export interface RuleEnvironments {
  /** `oldSelf` is there, or the rule is not evaluated. */
  readonly plain: Environment;
  /** `oldSelf` is optional. */
  readonly optional: Environment;
}

/** The environments of rules on what is declared so. */
export function ruleEnvironments(declaration: Declaration): RuleEnvironments {
  const named = new Map<string, Declaration>();
  const type = typeOf(declaration, selfTypeName, named);
  const provider = providerOf(named);
  const withOld = (oldSelf: Type) =>
    kubernetesEnvironment({
      variables: [
        { name: 'self', type },
        { name: 'oldSelf', type: oldSelf },
      ],
      provider,
    });
  return { plain: withOld(type), optional: withOld(optionalType(type)) };
}

/** The type of objects of a kind, as expressions see them. */
export interface KindType {
  readonly type: Type;
  /** Knows the types of objects in it; what it does not know, `base` does. */
  provider(base: TypeProvider): TypeProvider;
}

/** Undefined for what expressions may not see. `name` is that of the type. */
export function kindType(schema: StructuralSchema, name: string): KindType | undefined {
  const declaration = declarations()(schema, true);
  if (declaration === undefined) return undefined;
  const named = new Map<string, Declaration>();
  return { type: typeOf(declaration, name, named), provider: (base) => providerOf(named, base) };
}

/** Types of objects are named by where they are, and known once somebody came there. */
function typeOf(declaration: Declaration, name: string, named: Map<string, Declaration>): Type {
  switch (declaration.kind) {
    case 'scalar':
      return declaration.type;
    case 'list':
      return listType(typeOf(declaration.element, `${name}.@idx`, named));
    case 'map':
      return mapType(stringType, typeOf(declaration.element, `${name}.@elem`, named));
    case 'object':
      named.set(name, declaration);
      return objectType(name);
    default:
      return declaration satisfies never;
  }
}

function providerOf(named: Map<string, Declaration>, base: TypeProvider = wellKnownTypes): TypeProvider {
  return {
    ...base,
    findStructType: (name) => (named.has(name) ? objectType(name) : base.findStructType(name)),
    findStructFieldNames: (name) => (named.has(name) ? [] : base.findStructFieldNames(name)),
    findStructFieldType(name, field) {
      const declaration = named.get(name);
      if (declaration?.kind !== 'object') return base.findStructFieldType(name, field);
      const found = declaration.fields.get(field);
      return found && { type: typeOf(found, `${name}.${field}`, named) };
    },
  };
}

/** How long what a path leads to may be; whatever variable the path begins with, it is of this declaration. */
export function sizesOf(root: Declaration): SizeEstimator {
  return (path) => {
    if (path.length === 0) return undefined;
    let current: Declaration | undefined = root;
    for (const step of path.slice(1)) {
      current = below(current, step);
      if (current === undefined) return undefined;
    }
    return { min: 0n, max: BigInt(Math.trunc(current.maxElements)) };
  };
}

function below(declaration: Declaration, step: string): Declaration | undefined {
  switch (step) {
    case '@items':
    case '@values':
      return 'element' in declaration ? declaration.element : undefined;
    case '@keys':
      return declaration.kind === 'map' ? declaration.key : undefined;
    default:
      return declaration.kind === 'object' ? declaration.fields.get(step) : undefined;
  }
}
