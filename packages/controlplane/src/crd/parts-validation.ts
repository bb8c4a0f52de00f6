import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { checkStructuralSchema, internalSchema, type StructuralSchema } from '@setpoint/apimachinery/schema';
import type { PrinterColumn, Scale } from './definition.ts';
import type { Parts } from './internal-form.ts';
import { ruleEngineFor } from './rules.ts';
import { validateSelectableFields } from './selectable-validation.ts';

/** A schema is shared where all versions have the same, and so are fields: those who are alone are refused. */
const withoutSchema = {
  schema: 'may only be set when `version.schema.openAPIV3Schema` is not included',
  validation: 'may only be set when validations.schema is included',
};

/** Schema, subresources and selectable fields of one version, or those that all versions share. */
export function validateParts(
  parts: Parts,
  path: FieldPath,
  schemaName: 'schema' | 'validation',
  hasStatus: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const schema = parts.schema?.openAPIV3Schema;
  if (schema) {
    const at = path.child(schemaName, 'openAPIV3Schema');
    if (hasStatus) errors.push(...validateRootWithStatus(schema, at));
    for (const error of checkStructuralSchema(schema, at, ruleEngineFor(schema))) errors.push(error);
  }
  if (parts.subresources?.scale) errors.push(...validateScale(parts.subresources.scale, path.child('subresources')));
  const fields = parts.selectableFields ?? [];
  if (fields.length > 0) {
    const at = path.child('selectableFields');
    if (schema) errors.push(...validateSelectableFields(fields, schema, at));
    else errors.push(FieldError.invalid(at, '', withoutSchema[schemaName]));
  }
  return errors;
}

/** Keywords allowed at the root beside a status subresource, under Go's names and in Go's order. */
const allowedAtRoot: readonly (readonly [string, keyof StructuralSchema])[] = [
  ['Description', 'description'],
  ['Type', 'type'],
  ['Format', 'format'],
  ['Title', 'title'],
  ['Maximum', 'maximum'],
  ['ExclusiveMaximum', 'exclusiveMaximum'],
  ['Minimum', 'minimum'],
  ['ExclusiveMinimum', 'exclusiveMinimum'],
  ['MaxLength', 'maxLength'],
  ['MinLength', 'minLength'],
  ['Pattern', 'pattern'],
  ['MaxItems', 'maxItems'],
  ['MinItems', 'minItems'],
  ['UniqueItems', 'uniqueItems'],
  ['MultipleOf', 'multipleOf'],
  ['Required', 'required'],
  ['Items', 'items'],
  ['Properties', 'properties'],
  ['ExternalDocs', 'externalDocs'],
  ['Example', 'example'],
  ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields'],
  ['XValidations', 'x-kubernetes-validations'],
];

/** The schema of the status is taken out of the root's properties: nothing else of the root may judge it. */
function validateRootWithStatus(schema: StructuralSchema, path: FieldPath): FieldError[] {
  const ending = 'at the root of the schema if the status subresource is enabled';
  const isSet = (value: unknown) => value !== undefined && value !== null && value !== false && value !== '';
  // Keywords are looked at in the order of Go's struct, up to the first that is wrong; these stand before the type.
  const comesFirst = [schema.id, schema.$schema, schema.$ref].some(isSet);
  if (!comesFirst && isSet(schema.type) && schema.type !== 'object') {
    const detail = `only "object" is allowed as the type ${ending}`;
    return [FieldError.invalid(path.child('type'), schema.type, detail)];
  }
  const names = new Set<string>(allowedAtRoot.map(([, keyword]) => keyword));
  const isForbidden = Object.entries(schema).some(
    ([key, value]) => !names.has(key) && (key.startsWith('additional') || isSet(value)),
  );
  if (!isForbidden) return [];
  const detail = `only [${allowedAtRoot.map(([name]) => name).join(' ')}] fields are allowed ${ending}`;
  return [FieldError.invalid(path, internalSchema(schema), detail)];
}

function validateScale(scale: Scale, path: FieldPath): FieldError[] {
  const { specReplicasPath = '', statusReplicasPath = '', labelSelectorPath = '' } = scale;
  const errors = [
    ...validateReplicasPath(specReplicasPath, '.spec.', path.child('scale', 'specReplicasPath')),
    ...validateReplicasPath(statusReplicasPath, '.status.', path.child('scale', 'statusReplicasPath')),
  ];
  if (labelSelectorPath === '') return errors;
  const at = path.child('scale', 'labelSelectorPath');
  const problems = validateSimplePath(labelSelectorPath, at);
  if (problems.length > 0) return [...errors, ...problems];
  if (!labelSelectorPath.startsWith('.spec.') && !labelSelectorPath.startsWith('.status.')) {
    errors.push(FieldError.invalid(at, labelSelectorPath, 'should be a json path under either .spec or .status'));
  }
  return errors;
}

function validateReplicasPath(path: string, under: string, at: FieldPath): FieldError[] {
  if (path === '') return [FieldError.required(at)];
  const problems = validateSimplePath(path, at);
  if (problems.length > 0 || path.startsWith(under)) return problems;
  return [FieldError.invalid(at, path, `should be a json path under ${under.slice(0, -1)}`)];
}

function validateSimplePath(path: string, at: FieldPath): FieldError[] {
  return path.startsWith('.') ? [] : [FieldError.invalid(at, path, 'must be a simple json path starting with .')];
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

/** The rules of printer columns. */
export function validateColumns(columns: readonly PrinterColumn[] | undefined, path: FieldPath): FieldError[] {
  return (columns ?? []).flatMap((column, i) =>
    validateColumn(column, path.child('additionalPrinterColumns').index(i)),
  );
}

function validateColumn(column: PrinterColumn, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '', type = '', format = '', jsonPath = '' } = column;
  if (name === '') errors.push(FieldError.required(path.child('name')));
  const oneOf = `must be one of ${columnTypes.join(',')}`;
  if (type === '') errors.push(FieldError.required(path.child('type'), oneOf));
  else if (!columnTypes.includes(type)) errors.push(FieldError.invalid(path.child('type'), type, oneOf));
  if (format !== '' && !columnFormats.includes(format)) {
    errors.push(FieldError.invalid(path.child('format'), format, `must be one of ${columnFormats.join(',')}`));
  }
  const at = path.child('JSONPath');
  if (jsonPath === '') errors.push(FieldError.required(at));
  else errors.push(...validateSimplePath(jsonPath, at));
  return errors;
}
