import { FieldError, type FieldPath, goQuote } from '../errors/index.ts';
import type { ObjectMeta, OwnerReference } from '../meta/index.ts';
import { dns1123Label, labelValue, qualifiedName } from '../names/index.ts';
import { validateManagedFields } from './managed-fields-rules.ts';

/** What the rules of metadata depend on. */
export interface ObjectMetaRules {
  /** A namespace is asked for (true) or refused (false). */
  readonly namespaced: boolean;
  /** What a name must look like, for `generateName` (`isPrefix`) too. */
  readonly name: (name: string, isPrefix: boolean) => readonly string[];
}

const annotationsLimit = 256 * 1024;

/** The server's rules for metadata of any object, at creation (apimachinery/pkg/api/validation). */
export function validateObjectMeta(meta: ObjectMeta, rules: ObjectMetaRules, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '', generateName = '' } = meta;
  if (generateName !== '') {
    const at = path.child('generateName');
    errors.push(...rules.name(generateName, true).map((message) => FieldError.invalid(at, generateName, message)));
  }
  if (name === '') errors.push(FieldError.required(path.child('name'), 'name or generateName is required'));
  else errors.push(...rules.name(name, false).map((message) => FieldError.invalid(path.child('name'), name, message)));
  errors.push(...validateNamespace(meta.namespace ?? '', rules.namespaced, path.child('namespace')));
  if ((meta.generation ?? 0) < 0) {
    const detail = 'must be greater than or equal to 0';
    errors.push(FieldError.invalid(path.child('generation'), meta.generation, detail));
  }
  errors.push(...validateLabels(meta.labels ?? {}, path.child('labels')));
  errors.push(...validateAnnotations(meta.annotations ?? {}, path.child('annotations')));
  errors.push(...validateOwnerReferences(meta.ownerReferences ?? [], path.child('ownerReferences')));
  errors.push(...validateFinalizers(meta.finalizers ?? [], path.child('finalizers')));
  errors.push(...validateManagedFields(meta.managedFields ?? [], path.child('managedFields')));
  return errors;
}

function validateNamespace(namespace: string, isNamespaced: boolean, path: FieldPath): FieldError[] {
  if (!isNamespaced) return namespace === '' ? [] : [FieldError.forbidden(path, 'not allowed on this type')];
  if (namespace === '') return [FieldError.required(path)];
  return dns1123Label(namespace).map((message) => FieldError.invalid(path, namespace, message));
}

/** The rules of labels. */
export function validateLabels(labels: Readonly<Record<string, string>>, path: FieldPath): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedName(key).map((message) => FieldError.invalid(path, key, message)),
    ...labelValue(value).map((message) => FieldError.invalid(path, value, message)),
  ]);
}

/** The rules of annotations. */
export function validateAnnotations(annotations: Readonly<Record<string, string>>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    errors.push(...qualifiedName(key.toLowerCase()).map((message) => FieldError.invalid(path, key, message)));
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > annotationsLimit) errors.push(FieldError.tooLong(path, '', annotationsLimit));
  return errors;
}

function validateOwnerReferences(references: readonly OwnerReference[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const reference of references) {
    errors.push(...validateOwnerReference(reference, path));
    if (reference.controller !== true) continue;
    const name = `${reference.kind}/${reference.name}`;
    if (controller !== undefined) {
      const found = `Found "true" in references for ${controller} and ${name}`;
      const detail = `Only one reference can have Controller set to true. ${found}`;
      errors.push(FieldError.invalid(path, references, detail));
    } else {
      controller = name;
    }
  }
  return errors;
}

function validateOwnerReference(reference: OwnerReference, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const { apiVersion = '', kind = '', name = '', uid = '' } = reference;
  if (apiVersion === '' || apiVersion.endsWith('/') || apiVersion.split('/').length > 2) {
    errors.push(FieldError.invalid(path.child('apiVersion'), apiVersion, 'version must not be empty'));
  }
  if (kind === '') errors.push(FieldError.invalid(path.child('kind'), kind, 'must not be empty'));
  if (name === '') errors.push(FieldError.invalid(path.child('name'), name, 'must not be empty'));
  if (uid === '') errors.push(FieldError.invalid(path.child('uid'), uid, 'must not be empty'));
  if (apiVersion === 'v1' && kind === 'Event') {
    errors.push(FieldError.invalid(path, reference, '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

function validateFinalizers(finalizers: readonly string[], path: FieldPath): FieldError[] {
  const errors = finalizers.flatMap((finalizer) =>
    qualifiedName(finalizer).map((message) => FieldError.invalid(path, finalizer, message)),
  );
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    const detail = 'finalizer orphan and foregroundDeletion cannot be both set';
    errors.push(FieldError.invalid(path, finalizers, detail));
  }
  return errors;
}

/** Warnings about finalizers that were not there before: what a custom resource's strategy answers with. */
export function finalizerWarnings(added: readonly string[]): string[] {
  const standard = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);
  return [...added].sort().flatMap((finalizer) => {
    const start = `metadata.finalizers: ${goQuote(finalizer)}`;
    const warnings = qualifiedName(finalizer).map((message) => `${start}: ${message}`);
    if (!finalizer.includes('/') && !standard.has(finalizer)) {
      const form = finalizer.includes('.') ? 'finalizer name including a path (/)' : 'finalizer name';
      warnings.push(
        `${start}: prefer a domain-qualified ${form} to avoid accidental conflicts with other finalizer writers`,
      );
    }
    return warnings;
  });
}
