import type { StructuralSchema, ValidationRule } from '@setpoint/apimachinery/schema';
import { SchemaError, type SchemaSource, structuralSchema } from '../schema/index.ts';
import type { KindDefinition } from './definition.ts';

interface Parts {
  readonly kind: string;
  readonly description?: string;
  readonly spec?: SchemaSource | undefined;
  readonly status?: SchemaSource | undefined;
  readonly validations?: readonly ValidationRule[];
}

const apiVersionText =
  'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized ' +
  'schemas to the latest internal value, and may reject unrecognized values. More info: ' +
  'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources';
const kindText =
  'Kind is a string value representing the REST resource this object represents. Servers may infer this from the ' +
  'endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: ' +
  'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds';

/** The schema of a whole object, with the descriptions that other generators give the members every object has. */
export function objectSchema(parts: Parts): {
  readonly schema: StructuralSchema;
  readonly warnings: readonly string[];
} {
  const properties: Record<string, StructuralSchema> = {
    apiVersion: { description: apiVersionText, type: 'string' },
    kind: { description: kindText, type: 'string' },
    metadata: { type: 'object' },
  };
  const required: string[] = [];
  const warnings: string[] = [];
  for (const part of ['spec', 'status'] as const) {
    const source = parts[part];
    if (!source) continue;
    const converted = structuralSchema(source, { kind: parts.kind, path: part, defaults: part === 'spec' });
    const description = `${parts.kind}${part === 'spec' ? 'Spec defines the desired state' : 'Status defines the observed state'} of ${parts.kind}`;
    if (converted.schema.type !== 'object') {
      throw new SchemaError({
        code: 'NotAnObject',
        kind: parts.kind,
        path: part,
        message: `the ${part} is ${converted.schema.type ?? 'of no type'}`,
        advice: 'make it an object with the value as a member',
      });
    }
    properties[part] = { description, ...converted.schema };
    warnings.push(...converted.warnings);
    if (part === 'spec' && requiresMembers(converted.schema)) required.push('spec');
  }
  return {
    schema: {
      ...(parts.description === undefined ? {} : { description: parts.description }),
      type: 'object',
      properties,
      ...(required.length > 0 ? { required } : {}),
      ...(parts.validations?.length ? { 'x-kubernetes-validations': parts.validations } : {}),
    },
    warnings,
  };
}

/** Whether `{}` is not valid, so that the object itself cannot be left out either. */
function requiresMembers(schema: StructuralSchema): boolean {
  const { required = [], minProperties = 0, anyOf = [], oneOf = [], allOf = [] } = schema;
  return (
    required.length > 0 ||
    minProperties > 0 ||
    [anyOf, oneOf].some((branches) => branches.length > 0 && branches.every(requiresMembers)) ||
    allOf.some(requiresMembers)
  );
}

const fieldPath = /^(\.[A-Za-z_$][\w$-]*)+$/;

/** Throws where the API server would refuse columns, scale or selectable fields. */
export function checkDefinition(kind: string, definition: KindDefinition): void {
  const refuse = (path: string, message: string, advice: string): never => {
    throw new SchemaError({ code: 'InvalidDefinition', kind, path, message, advice });
  };
  for (const [index, column] of definition.columns.entries()) {
    if (!column.path.startsWith('.'))
      refuse(`columns[${index}].path`, `'${column.path}' does not begin with a dot`, `write '.${column.path}'`);
    if (column.name === '') refuse(`columns[${index}].name`, 'a column has no name', 'give it the heading to show');
  }
  const { scale } = definition;
  const scalePaths: readonly (readonly [string, string | undefined, readonly string[]])[] = [
    ['specReplicasPath', scale?.specReplicasPath, ['spec']],
    ['statusReplicasPath', scale?.statusReplicasPath, ['status']],
    ['labelSelectorPath', scale?.labelSelectorPath, ['spec', 'status']],
  ];
  for (const [name, path, under] of scalePaths) {
    if (path === undefined) continue;
    if (!fieldPath.test(path) || !under.some((part) => path.startsWith(`.${part}.`)))
      refuse(
        `scale.${name}`,
        `'${path}' is not a path under .${under.join(' or .')}`,
        `write such as .${under[0]}.replicas`,
      );
    if (!fieldAt(definition.schema, path))
      refuse(`scale.${name}`, `the schema has no field ${path}`, 'name a field of the schema, or add this one to it');
  }
  if (definition.selectableFields.length > 8)
    refuse('selectableFields', `there are ${definition.selectableFields.length}`, 'the API server takes 8 at most');
  for (const [index, path] of definition.selectableFields.entries()) {
    const at = `selectableFields[${index}]`;
    const field = fieldPath.test(path) ? fieldAt(definition.schema, path) : undefined;
    if (path.startsWith('.metadata.'))
      refuse(at, `'${path}' is metadata`, 'metadata.name and metadata.namespace always can be selected by');
    if (!field) refuse(at, `the schema has no field '${path}'`, 'give the path of a field, such as .spec.color');
    if (!['string', 'boolean', 'integer'].includes(field?.type ?? ''))
      refuse(
        at,
        `'${path}' is ${field?.type ?? 'of no type'}`,
        'only strings, booleans and integers can be selected by',
      );
  }
}

/** The schema of the field at a path such as `.spec.replicas`. */
function fieldAt(schema: StructuralSchema, path: string): StructuralSchema | undefined {
  let field: StructuralSchema | undefined = schema;
  for (const name of path.split('.').slice(1)) field = field?.properties?.[name];
  return field;
}
