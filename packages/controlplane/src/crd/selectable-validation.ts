import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { followFieldPath, type StructuralSchema } from '@setpoint/apimachinery/schema';

const most = 8;

/** The rules of fields that a field selector may name: paths of scalars, each once, at most eight. */
export function validateSelectableFields(
  fields: readonly { readonly jsonPath: string }[],
  schema: StructuralSchema,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, { jsonPath = '' }] of fields.entries()) {
    const at = path.index(i).child('jsonPath');
    if (jsonPath === '') {
      errors.push(FieldError.required(at));
      continue;
    }
    const found = followFieldPath(jsonPath, schema, { brackets: false });
    if ('error' in found) {
      errors.push(FieldError.invalid(at, jsonPath, `is an invalid path: ${found.error}`));
      continue;
    }
    if (found.root === 'metadata') {
      errors.push(FieldError.invalid(at, jsonPath, 'must not point to fields in metadata'));
    }
    if (!['string', 'boolean', 'integer'].includes(found.schema.type ?? '')) {
      const detail =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      errors.push(FieldError.invalid(at, jsonPath, detail));
    }
    if (seen.has(found.path)) errors.push(FieldError.duplicate(at, jsonPath));
    seen.add(found.path);
  }
  if (seen.size > most) errors.push(FieldError.tooMany(path, seen.size, most));
  return errors;
}
