import type { StructuralSchema } from '@setpoint/apimachinery/schema';

/** What a schema says of the type of a value; the rest of it are rules about values. */
export type Shape =
  | { readonly type: 'unknown' | 'string' | 'number' | 'boolean' | 'intOrString' }
  | { readonly type: 'literals'; readonly values: readonly unknown[] }
  | { readonly type: 'list'; readonly items: Field }
  | { readonly type: 'map'; readonly values: Field }
  /** A whole object of any kind. */
  | {
      readonly type: 'object';
      readonly members: readonly Member[];
      readonly open: boolean;
      readonly embedded: boolean;
    };

/** A shape, and what is special about a place of it. */
export interface Field {
  readonly shape: Shape;
  readonly nullable: boolean;
}

/** A member of an object. */
export interface Member extends Field {
  readonly name: string;
  readonly description: string | undefined;
  readonly required: boolean;
  /** What the server fills in; undefined where it does not. */
  readonly default: unknown;
}

/** The shape of a value, its members in the order of their names: whoever printed the schema may have had another. */
export function fieldOf(schema: StructuralSchema): Field {
  return { shape: shapeOf(schema), nullable: schema.nullable === true };
}

function shapeOf(schema: StructuralSchema): Shape {
  if (schema['x-kubernetes-int-or-string']) return { type: 'intOrString' };
  if (Array.isArray(schema.enum) && schema.enum.length > 0 && schema.enum.every(isLiteral)) {
    return { type: 'literals', values: [...new Set(schema.enum)] };
  }
  switch (schema.type) {
    case 'string':
      return { type: 'string' };
    case 'integer':
    case 'number':
      return { type: 'number' };
    case 'boolean':
      return { type: 'boolean' };
    case 'array':
      return { type: 'list', items: fieldOf(single(schema.items)) };
    case 'object':
      return objectShape(schema);
    default:
      return schema['x-kubernetes-embedded-resource'] ? objectShape(schema) : { type: 'unknown' };
  }
}

function objectShape(schema: StructuralSchema): Shape {
  const { properties, additionalProperties, required = [] } = schema;
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const names = Object.keys(properties ?? {}).sort();
  if (names.length === 0 && !embedded && additionalProperties) {
    const values = additionalProperties === true ? {} : additionalProperties;
    return { type: 'map', values: fieldOf(values) };
  }
  const members = names
    .filter((name) => !embedded || !['apiVersion', 'kind', 'metadata'].includes(name))
    .map((name): Member => {
      const property = properties?.[name] ?? {};
      return {
        ...fieldOf(property),
        name,
        description: property.description,
        required: required.includes(name),
        default: property.default,
      };
    });
  return { type: 'object', members, open, embedded };
}

function single(items: StructuralSchema['items']): StructuralSchema {
  return items === undefined || Array.isArray(items) ? {} : (items as StructuralSchema);
}

function isLiteral(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** Equal for shapes that are the same in all that is printed of them. */
export function keyOf(shape: Shape): string {
  return JSON.stringify(shape);
}

/** Whether a person may leave out what the server has filled in. */
export function differs(shape: Shape): boolean {
  switch (shape.type) {
    case 'list':
      return differs(shape.items.shape);
    case 'map':
      return differs(shape.values.shape);
    case 'object':
      return shape.members.some((member) => member.default !== undefined || differs(member.shape));
    default:
      return false;
  }
}
