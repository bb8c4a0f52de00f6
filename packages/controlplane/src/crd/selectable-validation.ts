import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import type { StructuralSchema } from '@setpoint/apimachinery/schema';

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
    const found = follow(jsonPath, schema);
    if ('error' in found) {
      errors.push(FieldError.invalid(at, jsonPath, `is an invalid path: ${found.error}`));
      continue;
    }
    if (/^\.metadata\b/.test(jsonPath)) {
      errors.push(FieldError.invalid(at, jsonPath, 'must not point to fields in metadata'));
    }
    if (!['string', 'boolean', 'integer'].includes(found.schema.type ?? '')) {
      const detail =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      errors.push(FieldError.invalid(at, jsonPath, detail));
    }
    if (seen.has(jsonPath)) errors.push(FieldError.duplicate(at, jsonPath));
    seen.add(jsonPath);
  }
  if (seen.size > most) errors.push(FieldError.tooMany(path, seen.size, most));
  return errors;
}

/** The schema at a path of the form `.spec.a`; arrays cannot be entered. */
function follow(
  path: string,
  schema: StructuralSchema,
): { readonly schema: StructuralSchema } | { readonly error: string } {
  let current = schema;
  let rest = path;
  while (rest !== '') {
    if (rest.startsWith('[')) return { error: 'array notation is not allowed' };
    const match = /^\.([A-Za-z_][A-Za-z0-9_-]*)/.exec(rest);
    if (match === null) {
      const token = /^(\.?)([^.[\]]*)/.exec(rest);
      if (token?.[1] === '.') return { error: 'unexpected end of JSON path' };
      return { error: `expected [ or . but got: ${token?.[2] ?? rest}` };
    }
    const name = match[1] as string;
    const { properties, additionalProperties } = current;
    const next =
      properties && Object.hasOwn(properties, name)
        ? properties[name]
        : typeof additionalProperties === 'object'
          ? additionalProperties
          : undefined;
    if (next === undefined) return { error: 'does not refer to a valid field' };
    current = next;
    rest = rest.slice(match[0].length);
  }
  return { schema: current };
}
