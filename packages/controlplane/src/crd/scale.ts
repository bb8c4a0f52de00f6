import { FieldError } from '@setpoint/apimachinery/errors';
import { stringifyJson } from '@setpoint/apimachinery/json';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Scale } from './definition.ts';

const mostReplicas = 2 ** 31 - 1;

/** The rules of the scale subresource for what an object holds under its paths. */
export function validateScaleSpec(object: KubeObject, scale: Scale): FieldError[] {
  return validateReplicas(object, scale.specReplicasPath);
}

export function validateScaleStatus(object: KubeObject, scale: Scale): FieldError[] {
  const errors = validateReplicas(object, scale.statusReplicasPath);
  if (scale.labelSelectorPath === undefined) return errors;
  const found = lookUp(object, scale.labelSelectorPath);
  if (found.error !== undefined) errors.push(FieldError.invalid(scale.labelSelectorPath, '', found.error));
  else if (found.value !== undefined && typeof found.value !== 'string') {
    errors.push(
      FieldError.invalid(scale.labelSelectorPath, '', wrongType(scale.labelSelectorPath, found.value, 'string')),
    );
  }
  return errors;
}

function validateReplicas(object: KubeObject, path: string): FieldError[] {
  const { value = 0, error } = lookUp(object, path);
  if (error !== undefined) return [FieldError.invalid(path, 0, error)];
  if (!isInteger(value)) return [FieldError.invalid(path, 0, wrongType(path, value, 'int64'))];
  if (value < 0) return [FieldError.invalid(path, value, 'should be a non-negative integer')];
  if (value > mostReplicas) return [FieldError.invalid(path, value, `should be less than or equal to ${mostReplicas}`)];
  return [];
}

function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

/** Follows names parted by dots; a value that is no object on the way is an error, as in Go's unstructured helpers. */
function lookUp(object: KubeObject, path: string): { readonly value?: unknown; readonly error?: string } {
  const names = path.replace(/^\./, '').split('.');
  let value: unknown = object;
  for (const [i, name] of names.entries()) {
    if (value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value)) {
      const at = `.${names.slice(0, i + 1).join('.')}`;
      return {
        error: `${at} accessor error: ${goText(value)} is of the type ${goType(value)}, expected map[string]interface{}`,
      };
    }
    if (!Object.hasOwn(value, name)) return {};
    value = (value as Record<string, unknown>)[name];
  }
  return { value };
}

function wrongType(path: string, value: unknown, expected: string): string {
  const at = `.${path.replace(/^\./, '')}`;
  return `${at} accessor error: ${goText(value)} is of the type ${goType(value)}, expected ${expected}`;
}

/** `%v`, apart from lists and objects, which Go prints in a form of its own. */
function goText(value: unknown): string {
  if (value === null) return '<nil>';
  return typeof value === 'string' ? value : stringifyJson(value);
}

function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? 'int64' : 'float64';
    case 'bigint':
      return 'int64';
    case 'boolean':
      return 'bool';
    case 'string':
      return 'string';
    default:
      return 'map[string]interface {}';
  }
}
