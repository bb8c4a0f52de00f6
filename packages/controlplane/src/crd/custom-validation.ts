import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { dns1123Subdomain } from '@setpoint/apimachinery/names';
import { type CompiledSchema, compileSchema, validateObjectMeta } from '@setpoint/apimachinery/schema';
import type { MutableObject, Strategy } from '../registry/index.ts';
import type { Definition, DefinitionVersion } from './definition.ts';
import { lazily } from './lazily.ts';
import { objectRules } from './rules.ts';
import { validateScaleSpec, validateScaleStatus } from './scale.ts';

/** The rules of a custom resource, in the server's order; schemas are compiled when they are first needed. */
export function customValidation(
  definition: Definition,
  version: DefinitionVersion,
): Pick<Strategy, 'ready' | 'validate' | 'validateUpdate' | 'validateStatusUpdate'> {
  const { group, names, scope } = definition.spec;
  const schema = version.schema?.openAPIV3Schema;
  const compiled = lazily(() => compileSchema(schema ?? {}));
  const compiledStatus = lazily(() => compileSchema(schema?.properties?.status ?? {}));
  const metaRules = { namespaced: scope === 'Namespaced', name: subdomainName };
  const scale = version.subresources?.scale;
  const scaleErrors = (object: KubeObject) =>
    scale ? [...validateScaleSpec(object, scale), ...validateScaleStatus(object, scale)] : [];
  /** An object of another type is not judged any further. */
  const ofType = (object: KubeObject, check: () => FieldError[]) => {
    const wrong = validateTypeMeta(object, names.kind, `${group}/${version.name}`);
    return wrong.length > 0 ? wrong : check();
  };
  const rules = objectRules(schema);
  return {
    ...(rules ? { ready: rules.ready } : {}),
    validate: (object) =>
      ofType(object, () => {
        const errors = [
          ...validateObjectMeta(object.metadata, metaRules, FieldPath.of('metadata')),
          ...compiled().validateKeywords(object),
          ...scaleErrors(object),
          ...compiled().validateEmbedded(object),
          ...compiled().validateListTypes(object),
        ];
        return rules ? rules.check(errors, object) : errors;
      }),
    validateUpdate: (object, old, warn) =>
      ofType(object, () => {
        const errors = [
          ...compiled().validateKeywords(object, { old }),
          ...scaleErrors(object),
          ...compiled().validateEmbedded(object),
          ...compiled().validateListTypes(object, { old }),
        ];
        return rules ? rules.check(errors, object, { old, warn }) : errors;
      }),
    validateStatusUpdate: (object, old, warn) =>
      ofType(object, () => {
        const errors = [
          ...statusErrors(object, old, compiledStatus),
          ...(scale ? validateScaleStatus(object, scale) : []),
          ...compiled().validateListTypes(object, { old }),
        ];
        return rules ? rules.check(errors, object, { old, warn }) : errors;
      }),
  };
}

function statusErrors(object: KubeObject, old: KubeObject, compiled: () => CompiledSchema): FieldError[] {
  const { status } = object as MutableObject;
  if (status === undefined) return [];
  return compiled().validateKeywords(status, { path: 'status', old: (old as MutableObject).status });
}

function validateTypeMeta(object: KubeObject, kind: string, apiVersion: string): FieldError[] {
  const errors: FieldError[] = [];
  if (object.kind !== kind) errors.push(FieldError.invalid('kind', object.kind, `must be ${kind}`));
  if (object.apiVersion !== apiVersion) {
    errors.push(FieldError.invalid('apiVersion', object.apiVersion, `must be ${apiVersion}`));
  }
  return errors;
}

/** A prefix may end in a dash, which the generated part then follows. */
function subdomainName(name: string, isPrefix: boolean): string[] {
  return dns1123Subdomain(isPrefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -1)}a` : name);
}
