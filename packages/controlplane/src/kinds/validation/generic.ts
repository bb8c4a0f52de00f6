import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { isJsonObject } from '@setpoint/apimachinery/json';
import { type Field, structType, type TypeRef } from '@setpoint/apimachinery/kinds';
import type { Loose } from '../walk.ts';
import { checkSelector } from './common.ts';

const labelSelector = 'meta/v1.LabelSelector';

/**
 * What the definitions themselves say: closed sets of values, and texts that must be given. Structs are entered
 * only where something below is said. The rules of a kind come first; these answer where they are silent.
 */
export function validateTypes(type: string, object: Loose): FieldError[] {
  const errors: FieldError[] = [];
  // The root's metadata is checked by the verbs; the status is the word of controllers.
  for (const field of structType(type).fields) {
    if (field.name === 'metadata' || field.name === 'status') continue;
    checkField(type, field, object[field.name], FieldPath.of(field.name), errors);
  }
  return errors;
}

function checkStruct(key: string, value: Loose, path: FieldPath, errors: FieldError[]): void {
  for (const field of structType(key).fields) {
    checkField(key, field, value[field.name], path.child(field.name), errors);
  }
}

/** Texts that the definition calls required and the server takes empty. */
const mayBeEmpty: ReadonlySet<string> = new Set(['storage.k8s.io/v1.TokenRequest.audience', 'core/v1.Sysctl.value']);

/** What a kind's rules say in words or at a place of their own. */
const saidElsewhere: ReadonlySet<string> = new Set([
  'core/v1.VolumeMount.mountPropagation',
  'core/v1.Container.terminationMessagePolicy',
  'core/v1.PodSpec.dnsPolicy',
  'core/v1.GCEPersistentDiskVolumeSource.pdName',
  'core/v1.DownwardAPIVolumeSource.items',
  'core/v1.DownwardAPIProjection.items',
  'core/v1.HostPathVolumeSource.type',
  // Whatever serves the metric reads it.
  'autoscaling/v2.MetricIdentifier.selector',
  // Of the templates of a StatefulSet: nobody looks at it.
  'core/v1.PersistentVolumeClaim.status',
]);

function isRequiredText(owner: string, field: Field): boolean {
  return field.required && !field.pointer && field.type.kind === 'string' && !mayBeEmpty.has(`${owner}.${field.name}`);
}

function checkField(owner: string, field: Field, value: Loose, path: FieldPath, errors: FieldError[]): void {
  if (saidElsewhere.has(`${owner}.${field.name}`)) return;
  if (value === undefined || value === null || value === '') {
    if (isRequiredText(owner, field)) errors.push(FieldError.required(path));
    // Behind a pointer the empty text was given on purpose.
    const closed = field.type.kind === 'string' ? field.type.enum : undefined;
    if (field.pointer && value === '' && closed && !closed.includes('')) {
      errors.push(FieldError.notSupported(path, value, closed));
    }
    // Go has a struct there whether it was given or not.
    const made = field.type.kind === 'struct' && !field.pointer && !field.omitZero;
    if (made && hasRule(field.type)) checkValue(field.type, {}, path, errors);
    return;
  }
  if (hasRule(field.type)) checkValue(field.type, value, path, errors);
}

function checkValue(type: TypeRef, value: Loose, path: FieldPath, errors: FieldError[]): void {
  if (type.kind === 'string') {
    if (type.enum && value !== '' && !type.enum.includes(value)) {
      errors.push(FieldError.notSupported(path, value, type.enum));
    }
  } else if (type.kind === 'list') {
    value.forEach((item: Loose, index: number) => {
      checkValue(type.items, item, path.index(index), errors);
    });
  } else if (type.kind === 'map') {
    for (const key of Object.keys(value)) checkValue(type.values, value[key], path.key(key), errors);
  } else if (type.kind === 'struct' && isJsonObject(value)) {
    if (type.type === labelSelector) checkSelector(value, path, errors);
    else checkStruct(type.type, value, path, errors);
  }
}

const known = new Map<string, boolean>();

/** Whether the definitions say anything at or below a type. */
function hasRule(type: TypeRef): boolean {
  if (type.kind === 'string') return type.enum !== undefined;
  if (type.kind === 'list') return hasRule(type.items);
  if (type.kind === 'map') return hasRule(type.values);
  if (type.kind !== 'struct') return false;
  if (type.type === labelSelector) return true;
  const found = known.get(type.type);
  if (found !== undefined) return found;
  known.set(type.type, false);
  const owner = type.type;
  const has = structType(owner).fields.some((field) => isRequiredText(owner, field) || hasRule(field.type));
  known.set(type.type, has);
  return has;
}
