import { FieldError, type FieldPath } from '../errors/index.ts';
import { internalItems } from './internal-schema.ts';
import { itemSchema, propertySchema } from './objects.ts';
import type { StructuralSchema } from './types.ts';

const listType = 'x-kubernetes-list-type';
const mapType = 'x-kubernetes-map-type';
const mapKeys = 'x-kubernetes-list-map-keys';

/** The rules of `x-kubernetes-list-type`, `-list-map-keys` and `-map-type`. */
export function checkListAndMapTypes(schema: StructuralSchema, path: FieldPath): FieldError[] {
  return [
    ...checkMapType(schema, path),
    ...checkListType(schema, path),
    ...checkMapKeys(schema, path),
    ...checkKeyedList(schema, path),
    ...checkItemsOfSetsAndMaps(schema, path),
  ];
}

function checkMapType(schema: StructuralSchema, path: FieldPath): FieldError[] {
  const value = schema[mapType];
  if (value === undefined) return [];
  const errors = mustHaveType(schema, 'object', mapType, path);
  if (!['atomic', 'granular'].includes(value)) {
    errors.push(FieldError.notSupported(path.child(mapType), value, ['atomic', 'granular']));
  }
  return errors;
}

function mustHaveType(schema: StructuralSchema, type: string, because: string, path: FieldPath): FieldError[] {
  if (schema.type === type) return [];
  const detail = `must be ${type} if ${because} is specified`;
  const at = path.child('type');
  return [(schema.type ?? '') === '' ? FieldError.required(at, detail) : FieldError.invalid(at, schema.type, detail)];
}

function checkListType(schema: StructuralSchema, path: FieldPath): FieldError[] {
  const value = schema[listType];
  if (value === undefined) return [];
  const errors = mustHaveType(schema, 'array', listType, path);
  const items = itemSchema(schema);
  if (errors.length === 0 && value === 'set' && items) {
    const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
    const ofItems = items[listType] ?? null;
    if (items.type === 'array' && ofItems !== null && ofItems !== 'atomic') {
      errors.push(FieldError.invalid(path.child('items', listType), ofItems, detail));
    } else if (items.type === 'object' && items[mapType] !== 'atomic') {
      errors.push(FieldError.invalid(path.child('items', mapType), ofItems, detail));
    }
  }
  if (!['atomic', 'set', 'map'].includes(value)) {
    errors.push(FieldError.notSupported(path.child(listType), value, ['atomic', 'set', 'map']));
  }
  return errors;
}

function checkMapKeys(schema: StructuralSchema, path: FieldPath): FieldError[] {
  if ((schema[mapKeys] ?? []).length === 0) return [];
  const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
  const value = schema[listType];
  if (value === undefined) return [FieldError.required(path.child(listType), detail)];
  return value === 'map' ? [] : [FieldError.invalid(path.child(listType), value, detail)];
}

function checkKeyedList(schema: StructuralSchema, path: FieldPath): FieldError[] {
  if (schema[listType] !== 'map') return [];
  const errors: FieldError[] = [];
  const keys = schema[mapKeys] ?? [];
  if (keys.length === 0) {
    errors.push(FieldError.required(path.child(mapKeys), 'must not be empty if x-kubernetes-list-type is map'));
  }
  const at = path.child('items');
  if (schema.items === undefined) {
    errors.push(FieldError.required(at, 'must have a schema if x-kubernetes-list-type is map'));
    return errors;
  }
  const items = itemSchema(schema);
  if (items === undefined) {
    const detail = 'must only have a single schema if x-kubernetes-list-type is map';
    errors.push(FieldError.invalid(at, internalItems(schema.items), detail));
  } else if (items.type !== 'object') {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push(FieldError.invalid(at.child('type'), items.type ?? '', detail));
  } else {
    errors.push(...checkKeys(keys, items, path));
  }
  return errors;
}

function checkKeys(keys: readonly string[], items: StructuralSchema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const key of keys) {
    const property = propertySchema(items, key);
    if (property === undefined) {
      errors.push(FieldError.invalid(path.child(mapKeys), keys, 'entries must all be names of item properties'));
    } else if (property.type === 'array' || property.type === 'object') {
      const at = path.child('items', 'properties').key(key).child('type');
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(FieldError.invalid(at, items.type, detail));
    }
    if (seen.has(key)) errors.push(FieldError.invalid(path.child(mapKeys), keys, 'must not contain duplicate entries'));
    seen.add(key);
  }
  return errors;
}

function checkItemsOfSetsAndMaps(schema: StructuralSchema, path: FieldPath): FieldError[] {
  const items = itemSchema(schema);
  const value = schema[listType];
  if (items === undefined || (value !== 'set' && value !== 'map')) return [];
  const errors: FieldError[] = [];
  if (items.nullable === true) {
    const detail = `cannot be nullable when x-kubernetes-list-type is ${value}`;
    errors.push(FieldError.forbidden(path.child('items', 'nullable'), detail));
  }
  if (value === 'set') return errors;
  for (const key of schema[mapKeys] ?? []) {
    const property = propertySchema(items, key);
    if (property === undefined) continue;
    const at = path.child('items', 'properties').key(key);
    const because = 'this property is in x-kubernetes-list-map-keys, so it';
    if (!(items.required ?? []).includes(key) && property.default === undefined) {
      errors.push(FieldError.required(at.child('default'), `${because} must have a default or be a required property`));
    }
    if (property.nullable === true) {
      errors.push(FieldError.forbidden(at.child('nullable'), `${because} cannot be nullable`));
    }
  }
  return errors;
}
