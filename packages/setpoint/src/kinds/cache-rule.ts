// biome-ignore-all lint/suspicious/noExplicitAny: the maker of a rule knows its types, the data does not.
import type { Draft } from './deep.ts';
import type { AnyKind, Resource } from './kind.ts';

/**
 * Changes an object in place before it is kept, to hold less of it. Called once for each object that arrives, own
 * writes included, before indexes, predicates and reads see it. It must depend on the object alone.
 */
export type Transform<R = any> = (object: Draft<R>) => void;

/** Which part of a kind an operator keeps; made by `cacheOf()` from {@link CacheRuleOptions}. */
export interface CacheRule<K extends AnyKind = AnyKind> {
  readonly type: 'cache';
  readonly kind: K;
  readonly namespaces?: readonly string[];
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly transform?: Transform;
}

/** Options of `cacheOf()`. */
export interface CacheRuleOptions<K extends AnyKind> {
  /** Instead of the namespaces that the operator is confined to. Empty: all. */
  readonly namespaces?: readonly string[];
  /** As kubectl takes it. Selectors of a controller or a watch select among these. */
  readonly labelSelector?: string;
  /** What the server can select by: `metadata.name`, `metadata.namespace`, and a few fields of some kinds. */
  readonly fieldSelector?: string;
  /** Changes each object, in place, before it is kept. @default nothing but managedFields is taken away */
  readonly transform?: Transform<Resource<K>>;
}

/**
 * Keeps only a part of a kind in memory, for all controllers of an operator (`operator({ cache: [cacheOf(…)] })`):
 * Secrets of one type, Pods without their containers' environment.
 *
 * Selectors count for the kind and for its metadata alike; the transform for the very projection that is given.
 * `managedFields` are never kept, with or without a rule.
 *
 * Caveat: what is not kept looks as if it did not exist. `get` says so (an error where the key alone tells, else a
 * line of the log, once), and own writes outside the selection are not seen again. What a transform takes away is
 * missing in reads, in predicates and in `old`; do not take away what a controller compares, nor the status of a kind
 * that it reconciles. Name, namespace, UID, revision, generation, deletion, owner references and finalizers stay
 * whatever it does. Where it throws, that object is kept as it then is, which is logged.
 *
 * @throws Error for namespaces of a cluster-scoped kind
 */
export function cacheOf<const K extends AnyKind>(kind: K, options: CacheRuleOptions<K>): CacheRule<K> {
  if (options.namespaces && kind.scope === 'Cluster') {
    throw new Error(`cacheOf(${kind.kind}): the kind is cluster-scoped; leave \`namespaces\` out`);
  }
  const { transform, ...selection } = options;
  return Object.freeze({ type: 'cache', kind, ...selection, ...(transform ? { transform } : {}) } as CacheRule<K>);
}

/** What an operator keeps: namespaces of its own cluster that it is confined to (empty: all), and rules for some kinds. */
export interface CacheScope {
  /** Left out or empty: all. */
  readonly namespaces?: readonly string[];
  /** At most one for a kind. @default everything is kept */
  readonly rules?: readonly CacheRule[];
}

/** What is kept of one kind. */
export interface KindScope {
  /** Empty: all. Always empty for cluster-scoped kinds. */
  readonly namespaces: readonly string[];
  readonly labelSelector: string | undefined;
  readonly fieldSelector: string | undefined;
  readonly transform: Transform | undefined;
}

/** What is kept of this kind. */
export function scopeOf(kind: AnyKind, { namespaces = [], rules = [] }: CacheScope): KindScope {
  const own = rules.filter((each) => sameNames(each.kind, kind));
  const rule = own.find(selects);
  const exact = own.find((each) => each.kind.projection === kind.projection);
  return {
    namespaces: kind.scope === 'Cluster' ? [] : (rule?.namespaces ?? (kind.cluster === undefined ? namespaces : [])),
    labelSelector: rule?.labelSelector || undefined,
    fieldSelector: rule?.fieldSelector || undefined,
    transform: exact?.transform,
  };
}

/** Both selectors at once, as text; undefined if neither restricts anything. */
export function bothSelectors(a: string | undefined, b: string | undefined): string | undefined {
  return [a, b].filter(Boolean).join(',') || undefined;
}

function selects({ namespaces, labelSelector, fieldSelector }: CacheRule): boolean {
  return (namespaces ?? labelSelector ?? fieldSelector) !== undefined;
}

function sameNames(a: AnyKind, b: AnyKind): boolean {
  return a.kind === b.kind && a.apiVersion === b.apiVersion && a.cluster === b.cluster;
}

/** @throws Error for two rules of one kind and projection */
export function checkRules(rules: readonly CacheRule[]): void {
  for (const [i, rule] of rules.entries()) {
    const { kind } = rule;
    for (const other of rules.slice(0, i).filter((each) => sameNames(each.kind, kind))) {
      if (other.kind.projection === kind.projection) {
        throw new Error(`there are two cache rules for ${kind.kind}: make one of them`);
      }
      if (selects(rule) && selects(other)) {
        throw new Error(`two cache rules select ${kind.kind}: selectors count for the kind and its metadata alike`);
      }
    }
  }
}
