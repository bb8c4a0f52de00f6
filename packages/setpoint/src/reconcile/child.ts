import type { Duration } from '@setpoint/apimachinery/duration';
import type { AnyKind, NotCached, Resource, ResourceInput } from '../kinds/index.ts';
import type { Readiness } from '../readiness/index.ts';
import type { NotFromServer, PassResult } from './types.ts';

/** Options of `child()`. */
export interface ChildOptions<K extends AnyKind> {
  /**
   * Children and steps of the same set that have to be ready before this one is applied. It is left alone until then:
   * one that is there already stays as it is. @default none
   */
  readonly dependsOn?: readonly Dependency[];
  /**
   * How far the child is, for those that depend on it and for the condition `Ready`; `() => ready` for one that nobody
   * has to wait for. @default `readinessOf` of `setpoint/readiness`
   */
  readonly ready?: (object: Resource<K>) => Readiness;
  /**
   * `controller`: an owner reference, so that the garbage collector deletes the child after its owner. `none`: for
   * children that cannot have one, since they are in another namespace or cluster-scoped; a label and an annotation
   * say whose they are. They go only by pruning, and with `deleteChildren: 'reverse'`, which they need for that.
   * @default 'controller'
   */
  readonly owner?: 'controller' | 'none';
  /** Take fields over from other managers. @default true */
  readonly force?: boolean;
  /**
   * What to do where the server refuses a change because a field cannot be changed (the template of a Job, the selector
   * of a Deployment, the storage class of a claim) and would take the child as a new object. `fail`: the pass fails with
   * an error that names the field. `replace`: the child is deleted, with all that it owns, and made anew when it is gone;
   * meanwhile it is not there, and what is kept in it or below it is lost. @default 'fail'
   */
  readonly onImmutable?: 'fail' | 'replace';
}

/** An object that a pass wants to be there; made by `child()`. */
export interface Child<K extends AnyKind = AnyKind> {
  readonly type: 'child';
  readonly kind: K;
  readonly object: ResourceInput<K>;
  readonly options: ChildOptions<K>;
}

/** What a step answers: how far it is; nothing is as good as `ready`. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function without a return is of this type
export type StepResult = Readiness | undefined | void;

/** What may be done between children; made by `step()`. */
export interface Step {
  readonly type: 'step';
  readonly name: string;
  /** What it does; answers how far it is. */
  readonly run: () => StepResult | Promise<StepResult>;
  readonly dependsOn: readonly Dependency[];
}

/** What others may depend on. */
// biome-ignore lint/suspicious/noExplicitAny: whichever kind it is of
export type Dependency = Child<any> | Step;

/** What may stand in `children`: children of the declared kinds, and steps between them. */
export type ChildOf<W extends AnyKind> = (W extends AnyKind ? Child<W> : never) | Step;

/**
 * A child as a value, to be returned by `reconcile` in `children`:
 *
 * ```ts
 * const config = child(ConfigMap, { metadata: { name: foo.metadata.name }, data: { … } });
 * const app = child(Deployment, { metadata: { … }, spec: { … } }, { dependsOn: [config] });
 * return { children: [config, app] };
 * ```
 *
 * The kind has to be in `owns` of the controller. The name has to follow from the owner (`generateName` is refused);
 * the namespace is the owner's where it is left out.
 */
export function child<K extends AnyKind>(
  kind: K,
  object: NotCached & NotFromServer & ResourceInput<K>,
  options: ChildOptions<K> = {},
): Child<K> {
  return { type: 'child', kind, object, options };
}

/**
 * Something between children that is no object: `run` is called once everything in `dependsOn` is ready, at each pass,
 * so it has to be quick and idempotent. It answers nothing, or `ready`, when it is done; with `progressing(…)` or
 * `failed(…)` what depends on it waits. What it throws fails the pass as if `reconcile` had thrown it.
 *
 * ```ts
 * const migrated = step('migrate', () => schemaOf(foo) ? ready : progressing('Migrating', '…', { requeueAfter: '5s' }),
 *   { dependsOn: [database] });
 * ```
 *
 * @param name for messages
 */
export function step(
  name: string,
  run: Step['run'],
  options: { readonly dependsOn?: readonly Dependency[] } = {},
): Step {
  return { type: 'step', name, run, dependsOn: options.dependsOn ?? [] };
}

/**
 * The result of a pass that went as far as it could and waits for something outside of the cluster. The conditions say
 * so (`Reconciled`, and `Ready` where it is kept, are `False` with this reason), nothing is pruned, and it is no error:
 * no back-off, no Warning.
 *
 * ```ts
 * return waitFor('CertificatePending', `the authority has not signed ${name} yet`, { requeueAfter: '1m' });
 * return { children, ...waitFor('DnsPending', 'the name does not resolve yet', { requeueAfter: '10s' }) };
 * ```
 *
 * @param reason one word in CamelCase
 * @param message one sentence for people
 * @param options when to look again; left out, when something changes
 */
export function waitFor(
  reason: string,
  message: string,
  options: { readonly requeueAfter?: Duration; readonly priority?: number } = {},
): PassResult {
  return { ...options, waiting: { reason, message } };
}
