import { FieldError } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { Correlated, type RuleEngine, type StructuralSchema, usesCel } from '@setpoint/apimachinery/schema';
import { lazily } from './lazily.ts';

/** A module, once it is there, is there for every control plane of the process. */
let engine: RuleEngine | undefined;
let loading: Promise<void> | undefined;

/**
 * CEL is loaded when the first definition with rules turns up, and by nobody else.
 * Undefined: there is nothing to wait for.
 */
export function rulesReady(schemas: readonly (StructuralSchema | undefined)[]): Promise<void> | undefined {
  if (engine !== undefined || !schemas.some((schema) => schema !== undefined && usesCel(schema))) return undefined;
  loading ??= import('@setpoint/apimachinery/rules').then((module) => {
    engine = module.ruleEngine;
  });
  return loading;
}

/** What compiles the rules of a schema; undefined for one without rules. */
export function ruleEngineFor(schema: StructuralSchema): RuleEngine | undefined {
  return usesCel(schema) ? loadedEngine() : undefined;
}

function loadedEngine(): RuleEngine {
  if (engine === undefined) throw new Error('CEL was not loaded before rules were looked at');
  return engine;
}

/** Errors after which rules are not evaluated: they could not rely on the schema. */
const blocking: ReadonlySet<FieldError['type']> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const notChecked =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

export interface ObjectRules {
  ready(): Promise<void> | undefined;
  /** `errors` and those of the rules, if what was found so far lets them be evaluated. */
  check(errors: FieldError[], object: KubeObject, update?: RatchetedUpdate): FieldError[];
}

export interface RatchetedUpdate {
  readonly old: KubeObject;
  readonly warn?: ((text: string) => void) | undefined;
}

/** The rules for objects of one schema, compiled when they are first needed; undefined where there are none. */
export function objectRules(schema: StructuralSchema | undefined): ObjectRules | undefined {
  if (schema === undefined || !usesCel(schema)) return undefined;
  const validator = lazily(() => loadedEngine().validator(schema, true));
  return {
    ready: () => (engine === undefined ? rulesReady([schema]) : undefined),
    check(errors, object, update) {
      if (errors.some((error) => blocking.has(error.type))) {
        return [...errors, FieldError.invalid('<nil>', null, notChecked)];
      }
      const options = update && {
        old: update.old,
        correlated: new Correlated(object, update.old, schema),
        ...(update.warn ? { warn: update.warn } : {}),
      };
      return [...errors, ...(validator()?.validate(object, options ?? {}).errors ?? [])];
    },
  };
}
