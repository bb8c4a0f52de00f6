import type { Type } from '@setpoint/apimachinery/cel';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { parseApiVersion } from '@setpoint/apimachinery/meta';
import { type KindType, kindType } from '@setpoint/apimachinery/rules';
import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import type { Registry, ServedResource } from '../../registry/index.ts';
import { compileExpression } from '../expressions/index.ts';
import type { PolicySpec } from './types.ts';

/** An entry of `status.typeChecking.expressionWarnings`. */
export interface ExpressionWarning {
  readonly fieldRef: string;
  readonly warning: string;
}

/** A policy is checked for so many kinds at most. */
const mostKinds = 10;

interface CheckedKind {
  /** As Go prints a group, version and kind. */
  readonly text: string;
  readonly type: KindType;
}

/** What is wrong with a policy's expressions for the kinds that it names, each in one version. */
export function checkTypes(object: KubeObject, registry: Registry): readonly ExpressionWarning[] {
  const { spec } = object as KubeObject & { readonly spec: PolicySpec };
  const kinds = kindsOf(spec, registry);
  const params = paramsOf(spec, registry);
  const warnings: ExpressionWarning[] = [];
  const check = (fieldRef: string, expression: string) => {
    const found = kinds.flatMap((kind) => problemOf(spec, expression, kind, params));
    if (found.length > 0) warnings.push({ fieldRef, warning: found.join('\n') });
  };
  for (const [i, { expression, messageExpression }] of (spec.validations ?? []).entries()) {
    check(`spec.validations[${i}].expression`, expression);
    if (messageExpression) check(`spec.validations[${i}].messageExpression`, messageExpression);
  }
  return warnings;
}

function problemOf(spec: PolicySpec, text: string, kind: CheckedKind, params: KindType | undefined): string[] {
  const variables: Record<string, Type> = {};
  const types = { object: kind.type, params };
  const declarations = () => ({
    params: spec.paramKind !== undefined,
    authorizer: true,
    types,
    variables: { ...variables },
  });
  for (const { name, expression } of spec.variables ?? []) {
    variables[name] = compileExpression(expression, declarations(), []).type;
  }
  const { error } = compileExpression(text, declarations(), []);
  return error === undefined ? [] : [`${kind.text}: ${error.replace(/^compilation failed: /, '')}\n`];
}

/** The kinds that rules without stars name, sorted. */
function kindsOf({ matchConstraints }: PolicySpec, registry: Registry): readonly CheckedKind[] {
  const found = new Map<string, ServedResource>();
  for (const rule of matchConstraints?.resourceRules ?? []) {
    const { apiGroups = [], apiVersions = [], resources = [] } = rule;
    if ([...apiGroups, ...apiVersions].some((name) => name.includes('*'))) continue;
    let count = 0;
    for (const group of [...apiGroups].sort()) {
      for (const version of [...apiVersions].sort()) {
        for (const resource of resources.filter((name) => !/[*/]/.test(name)).sort()) {
          for (const served of named(registry, group, version, resource)) {
            found.set(textOf(served), served);
            if (++count === mostKinds) return typed([...found.values()]);
          }
        }
      }
    }
  }
  return typed([...found.values()]);
}

/** Whoever names no group means any. */
function named(registry: Registry, group: string, version: string, resource: string): readonly ServedResource[] {
  return registry
    .list()
    .filter(
      (one) =>
        one.version === version &&
        (group === '' || one.group === group) &&
        (one.resource === resource || one.singular === resource),
    );
}

function typed(resources: readonly ServedResource[]): readonly CheckedKind[] {
  const key = ({ group, version, kind }: ServedResource) => [group, version, kind].join('\0');
  return resources
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
    .flatMap((resource) => {
      const type = typeOf(resource);
      return type ? [{ text: textOf(resource), type }] : [];
    });
}

function paramsOf({ paramKind }: PolicySpec, registry: Registry): KindType | undefined {
  if (!paramKind) return undefined;
  const { group, version } = parseApiVersion(paramKind.apiVersion);
  const resource = registry
    .list()
    .find((one) => one.group === group && one.version === version && one.kind === paramKind.kind);
  return resource && typeOf(resource);
}

function textOf({ group, version, kind }: ServedResource): string {
  return `${group}/${version}, Kind=${kind}`;
}

/** Types have names that are made up each time, so that nobody relies on them. */
function typeOf(resource: ServedResource): KindType | undefined {
  const components = resource.openApiComponents?.();
  const schema = components
    ? resolved({ $ref: components.name }, components.schemas, new Set())
    : (resource.openApiSchema?.() as StructuralSchema | undefined);
  return schema && kindType(schema, `${resource.kind}0`);
}

interface Published extends Omit<StructuralSchema, 'properties' | 'items' | 'additionalProperties' | 'allOf'> {
  readonly $ref?: string;
  readonly allOf?: readonly Published[];
  readonly properties?: Readonly<Record<string, Published>>;
  readonly items?: Published;
  readonly additionalProperties?: Published | boolean;
}

/** With what it refers to in place of the references; what refers to itself is an object of which nothing is known. */
function resolved(
  schema: Published,
  schemas: Readonly<Record<string, object>>,
  above: ReadonlySet<string>,
): StructuralSchema {
  const ref = (schema.$ref ?? schema.allOf?.find((one) => one.$ref !== undefined)?.$ref)?.replace(/^.*\//, '');
  if (ref !== undefined) {
    if (above.has(ref)) return { type: 'object' };
    return resolved((schemas[ref] ?? {}) as Published, schemas, new Set([...above, ref]));
  }
  const below = (one: Published) => resolved(one, schemas, above);
  const { properties, items, additionalProperties, ...rest } = schema;
  const isEither = schema.format === 'int-or-string';
  return {
    ...rest,
    ...(isEither ? { 'x-kubernetes-int-or-string': true } : {}),
    ...(properties
      ? { properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, below(one)])) }
      : {}),
    ...(items ? { items: below(items) } : {}),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: below(additionalProperties) } : {}),
  } as StructuralSchema;
}
