import { type Clock, type Random, seededRandom, systemClock } from '@setpoint/apimachinery/clock';
import { type BuiltinKind, builtinKinds, openApiName, openApiSchemas } from '@setpoint/apimachinery/kinds';
import { formatApiVersion, type KubeObject } from '@setpoint/apimachinery/meta';
import type { Action, MutableObject, Read, ScalePaths, ServedResource } from '../registry/index.ts';
import { autoscalerToV1, autoscalerToV2 } from './autoscaling.ts';
import { canonicalStruct } from './canonical.ts';
import { eventFromStorage, eventToStorage } from './events.ts';
import { tableOf } from './printers/index.ts';
import { rules } from './rules/index.ts';
import type { KindRules, RuleContext } from './rules/types.ts';
import { builtinStrategy, subresource } from './strategy.ts';

export interface BuiltinOptions {
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** Addresses and ports of Services come from it. */
  readonly random?: Random;
  /**
   * All stored objects under a storage key, `/services`: an address that another Service has is not given again.
   * Without it every allocation believes to be the first.
   */
  readonly objects?: (storageKey: string) => Iterable<KubeObject>;
  /** Whether containers may be privileged. Default: they may. */
  readonly allowPrivileged?: boolean;
  /**
   * What creation does where it stores nothing: by type of the body, `authentication.k8s.io/v1.TokenReview`; of a
   * subresource by the type of its resource and its name, `core/v1.ServiceAccount/token`.
   */
  readonly actions?: Readonly<Record<string, Action>>;
  /** What a GET of a subresource answers with where that is text: `core/v1.Pod/log`. */
  readonly reads?: Readonly<Record<string, Read>>;
}

/** Kinds whose every use is warned of. */
const deprecated: Readonly<Record<string, string>> = {
  'core/v1.Endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

/** Kinds that need a part of the control plane that does not exist yet; requests for them are refused. */
const notImplemented: Readonly<Record<string, string>> = {
  'core/v1.ComponentStatus': 'component statuses are not implemented',
};

/**
 * Every built-in kind as the registry serves it, CustomResourceDefinition excepted: its life is more than a
 * strategy, and the crd folder makes it.
 */
export function builtinResources(options: BuiltinOptions = {}): ServedResource[] {
  const context = contextOf(options);
  return builtinKinds
    .filter((kind) => kind.kind !== 'CustomResourceDefinition')
    .map((kind) => ({
      ...builtinResource(kind, context, options.actions ?? {}),
      ...readsOf(kind, options.reads ?? {}),
    }));
}

function contextOf(options: BuiltinOptions): RuleContext {
  const { clock = systemClock, random = seededRandom(0), objects = () => [], allowPrivileged = true } = options;
  return { clock, random, objects, allowPrivileged };
}

function readsOf(kind: BuiltinKind, reads: Readonly<Record<string, Read>>): Pick<ServedResource, 'reads'> | undefined {
  const found = kind.subresources.flatMap(({ name }) => {
    const read = reads[`${kind.type}/${name}`];
    return read ? [[name, read] as const] : [];
  });
  return found.length === 0 ? undefined : { reads: Object.fromEntries(found) };
}

type Actions = NonNullable<BuiltinOptions['actions']>;

function builtinResource(kind: BuiltinKind, context: RuleContext, actions: Actions): ServedResource {
  const kindRules = rules[kind.type] ?? {};
  const scale = scalePaths(kind);
  const action = actions[kind.type];
  const refusal =
    notImplemented[kind.type] ?? (action || !createOnly(kind) ? undefined : `${kind.kind} is not implemented`);
  return {
    group: kind.group,
    version: kind.version,
    kind: kind.kind,
    listKind: kind.listKind,
    resource: kind.plural,
    singular: kind.singular,
    namespaced: kind.namespaced,
    shortNames: kind.shortNames,
    categories: kind.categories,
    strategy: builtinStrategy(kind, kindRules, context),
    table: tableOf(kind),
    subresources: scale ? { status: subresource(kind, 'status'), scale } : { status: subresource(kind, 'status') },
    verbs: kind.verbs,
    discovery: kind,
    ...storage(kind, kindRules),
    encodingVersion: formatApiVersion(kind.group, kind.version),
    ...(kind.storageVersionHash ? { storageVersionHash: kind.storageVersionHash } : {}),
    ...(deprecated[kind.type] ? { requestWarnings: [deprecated[kind.type] as string] } : {}),
    ...(refusal ? { notImplemented: refusal } : {}),
    ...(action ? { action } : {}),
    ...subresourceActions(kind, context, actions),
    custom: false,
    openApiComponents: (documentation) => ({
      name: openApiName(kind.type),
      schemas: openApiSchemas(kind.type, documentation),
    }),
  };
}

/** What can only be created is never stored: without an action there is nothing to do. */
function createOnly({ verbs }: BuiltinKind): boolean {
  return verbs.length === 1 && verbs[0] === 'create';
}

/** Each as a resource of its own, which the kind of its body is for decoding it. */
function subresourceActions(
  kind: BuiltinKind,
  context: RuleContext,
  actions: Actions,
): Pick<ServedResource, 'actions'> | undefined {
  const bodies = kind.subresources.flatMap((subresource) => {
    const action = actions[`${kind.type}/${subresource.name}`];
    if (!action) return [];
    const { group = kind.group, version = kind.version, kind: word } = subresource;
    const type = `${group || 'core'}/${version}.${word}`;
    const body = { ...kind, group, version, kind: word, listKind: word, type, subresources: [] };
    return [[subresource.name, builtinResource(body, context, { [type]: action })] as const];
  });
  return bodies.length === 0 ? undefined : { actions: Object.fromEntries(bodies) };
}

const autoscalerV1 = 'autoscaling/v1.HorizontalPodAutoscaler';
const autoscalerV2 = 'autoscaling/v2.HorizontalPodAutoscaler';

/** The one built-in kind in two versions. */
const autoscalerVersions: NonNullable<ServedResource['versions']> = {
  apiVersions: ['autoscaling/v1', 'autoscaling/v2'],
  convert(object, apiVersion) {
    if (object.apiVersion === apiVersion) return object;
    if (apiVersion === 'autoscaling/v1') return canonicalStruct(autoscalerV1, autoscalerToV1(object)) as MutableObject;
    if (apiVersion === 'autoscaling/v2') return canonicalStruct(autoscalerV2, autoscalerToV2(object)) as MutableObject;
    return undefined;
  },
};

/** The kind of the bodies of `scale`, of which there is no resource of its own: it serves to read them. */
export function scaleResource(options: Pick<BuiltinOptions, 'clock' | 'random'> = {}): ServedResource {
  const template = builtinKinds.find(({ type }) => type === 'apps/v1.Deployment') as BuiltinKind;
  const names = { group: 'autoscaling', version: 'v1', kind: 'Scale', listKind: 'Scale', plural: 'scales' };
  const kind: BuiltinKind = { ...template, ...names, type: 'autoscaling/v1.Scale', subresources: [] };
  return builtinResource(kind, contextOf(options), {});
}

/** Where objects are kept and in which form: canonical, and Events of both groups as those of core. */
function storage(
  kind: BuiltinKind,
  rules: KindRules,
): Pick<ServedResource, 'storageKey' | 'fromStorage' | 'toStorage' | 'asWritten' | 'versions'> {
  const identity = { apiVersion: formatApiVersion(kind.group, kind.version), kind: kind.kind };
  const canonical = (object: KubeObject) =>
    canonicalStruct(kind.type, { ...(object as MutableObject), ...identity }) as MutableObject;
  // Owners are told before the object is stored.
  const asGiven = (object: KubeObject) =>
    canonicalStruct(kind.type, { ...(object as MutableObject), ...identity }, true) as MutableObject;
  if (kind.type === 'events.k8s.io/v1.Event') {
    return {
      storageKey: '/events',
      asWritten: asGiven,
      toStorage: (object) => canonicalStruct('core/v1.Event', eventToStorage(object)) as MutableObject,
      fromStorage: (object) => canonical(eventFromStorage(object)),
    };
  }
  const { asWritten: written } = rules;
  if (kind.type === autoscalerV1) {
    return {
      storageKey: `${kind.group}/${kind.plural}`,
      asWritten: asGiven,
      toStorage: (object) => canonicalStruct(autoscalerV2, autoscalerToV2(canonical(object))) as MutableObject,
      fromStorage: (object) => canonical(autoscalerToV1(object)),
      versions: autoscalerVersions,
    };
  }
  return {
    storageKey: `${kind.group}/${kind.plural}`,
    ...(kind.type === autoscalerV2 ? { versions: autoscalerVersions } : {}),
    toStorage: canonical,
    fromStorage: (object) => object,
    asWritten: written ? (object) => asGiven(written(object)) : asGiven,
  };
}

function scalePaths(kind: BuiltinKind): ScalePaths | undefined {
  if (!subresource(kind, 'scale')) return undefined;
  return {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    // A LabelSelector (a plain map in a ReplicationController): the scale object carries it as text.
    labelSelectorPath: '.spec.selector',
  };
}
