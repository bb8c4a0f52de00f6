import { FieldError } from '@setpoint/apimachinery/errors';
import type { BuiltinKind } from '@setpoint/apimachinery/kinds';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { dns1123Subdomain } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { Decoded, MutableObject, PartStrategy, Strategy } from '../registry/index.ts';
import { badRequest } from '../status/index.ts';
import { canonicalStruct } from './canonical.ts';
import { decodeStruct } from './decode.ts';
import { DecodeError } from './decode-error.ts';
import { applyBuiltinDefaults } from './defaults/index.ts';
import type { KindRules, PartRules, RuleContext } from './rules/types.ts';
import { validateTypes } from './validation/generic.ts';
import { privilegedCheck } from './validation/privileged.ts';

/**
 * The strategy of a built-in kind: what follows from its table, and the rules that only it has.
 * Stored objects are canonical (canonical.ts); toStorage of the resource makes them so.
 */
export function builtinStrategy(kind: BuiltinKind, rules: KindRules, context: RuleContext): Strategy {
  const hasStatus = subresource(kind, 'status');
  const { generation, generationOfMetadata: inMetadata, selectable } = rules;
  const privileged = context.allowPrivileged ? undefined : privilegedCheck(kind.type);
  return {
    decode: (body) => decode(kind, rules, body),
    applyDefaults: (object) => applyBuiltinDefaults(kind.type, object),
    prepareForCreate(object, user) {
      if (hasStatus && !rules.keepsStatus) delete object.status;
      rules.prepareForCreate?.(object, context, user);
    },
    prepareForUpdate(object, old) {
      if (hasStatus) restore(object, old, 'status');
      rules.prepareForUpdate?.(object, old, context);
    },
    prepareForStatusUpdate(object, old) {
      for (const name of new Set([...Object.keys(object), ...Object.keys(old)])) {
        if (!['apiVersion', 'kind', 'metadata', 'status'].includes(name)) restore(object, old, name);
      }
      rules.prepareForStatusUpdate?.(object, old, context);
    },
    validate: (object) =>
      withClosedSets(kind, rules, object, [
        ...validateName(object, rules),
        ...(rules.validate?.(object, context) ?? []),
        ...(rules.validateCreate?.(object) ?? []),
        ...(privileged?.(object) ?? []),
      ]),
    validateUpdate: (object, old) =>
      withClosedSets(kind, rules, object, [
        ...(rules.validate?.(object, context) ?? []),
        ...(rules.validateUpdate?.(object, old, context) ?? []),
        ...(privileged?.(object) ?? []),
      ]),
    validateStatusUpdate: (object, old) =>
      withClosedSets(kind, rules, object, rules.validateStatusUpdate?.(object, old) ?? []),
    ...(rules.parts ? { parts: partsOf(rules.parts, context) } : {}),
    ...(rules.warnings ? { warnings: rules.warnings } : {}),
    ...(generation
      ? {
          generationChanged: (object: KubeObject, old: KubeObject) =>
            differs(kind.type, object, old, generation) ||
            (inMetadata !== undefined && !deepEqual(object.metadata[inMetadata] ?? {}, old.metadata[inMetadata] ?? {})),
        }
      : {}),
    allowUnconditionalUpdate: !rules.conditionalUpdateOnly,
    allowCreateOnUpdate: rules.createOnUpdate ?? false,
    ...(rules.gracePeriodSeconds ? { gracePeriodSeconds: rules.gracePeriodSeconds } : {}),
    ...(rules.orphansByDefault ? { orphansByDefault: rules.orphansByDefault } : {}),
    ...(rules.undeletable ? { undeletable: rules.undeletable } : {}),
    ...(rules.deleteReturnsObject ? { deleteReturnsObject: true } : {}),
    ...(selectable
      ? {
          selectableFields: (object: KubeObject) => selectable(object),
          selectableFieldNames: Object.keys(selectable({ metadata: {} })),
        }
      : {}),
  };
}

function partsOf(parts: Readonly<Record<string, PartRules>>, context: RuleContext): Record<string, PartStrategy> {
  const made = Object.entries(parts).map(([name, { prepare, validate }]): [string, PartStrategy] => [
    name,
    { prepare: (object, old) => prepare(object, old, context), validate: (object, old) => validate(object, old) },
  ]);
  return Object.fromEntries(made);
}

export function subresource(kind: BuiltinKind, name: string): boolean {
  return kind.subresources.some((one) => one.name === name);
}

function decode(kind: BuiltinKind, rules: KindRules, body: MutableObject): Decoded {
  const problems: string[] = [];
  try {
    const object = decodeStruct(kind.type, body, problems) as MutableObject;
    (object as { metadata: object }).metadata ??= {};
    rules.convert?.(object);
    return { object, problems };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw badRequest(
      `${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}: ${error.message}`,
    );
  }
}

function restore(object: MutableObject, old: KubeObject, name: string): void {
  const value = (old as MutableObject)[name];
  if (value === undefined) delete object[name];
  else object[name] = value;
}

function validateName(object: KubeObject, rules: KindRules): FieldError[] {
  const { name, generateName } = object.metadata;
  const check = rules.name ?? dns1123Subdomain;
  const errors: FieldError[] = [];
  if (generateName) {
    // A prefix may end in what a whole name may not: it is checked with a letter in place of a trailing dash.
    for (const problem of check(generateName.replace(/-$/, 'a'))) {
      errors.push(FieldError.invalid('metadata.generateName', generateName, problem));
    }
  }
  if (name) for (const problem of check(name)) errors.push(FieldError.invalid('metadata.name', name, problem));
  return errors;
}

/** Adds what the tables know, for fields that the rules of the kind have not judged already. */
function withClosedSets(
  kind: BuiltinKind,
  rules: KindRules,
  object: KubeObject,
  found: readonly FieldError[],
): readonly FieldError[] {
  const judged = [...found.map((error) => error.field), ...(rules.judges ?? [])];
  const covers = (path: string, field: string) =>
    field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`);
  const others = validateTypes(kind.type, object).filter((error) => !judged.some((path) => covers(path, error.field)));
  return [...found, ...others];
}

function differs(type: string, object: KubeObject, old: KubeObject, members: readonly string[]): boolean {
  const next = canonicalStruct(type, object as MutableObject);
  return members.some((name) => !deepEqual(next[name], (old as MutableObject)[name]));
}
