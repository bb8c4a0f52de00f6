// biome-ignore-all lint/suspicious/noExplicitAny: a declaration is looked at whatever its types are.
import { type Duration, toMilliseconds } from '@setpoint/apimachinery/duration';
import type { AnyKind } from '../kinds/index.ts';
import type { ControllerDeclaration, ControllerOptions, KeyedDeclaration } from './types.ts';

/**
 * What the compiler says to those who ask it. Node runs TypeScript without looking at types, and some mistakes have
 * none: a kind that is undefined since two modules import each other, a number of workers that lets nothing run.
 */

const common: Readonly<Record<keyof ControllerOptions, true>> = {
  maxConcurrentReconciles: true,
  timeout: true,
  backoff: true,
  failureThreshold: true,
  rateLimit: true,
  hotLoopDetection: true,
  cacheSyncTimeout: true,
  needsLeaderElection: true,
  shards: true,
  optional: true,
  clusterScoped: true,
  permissions: true,
  metrics: true,
};

const ofKinds: Readonly<Record<keyof ControllerDeclaration<any, any, any, any, any>, true>> = {
  ...common,
  name: true,
  reads: true,
  watches: true,
  owns: true,
  writes: true,
  sources: true,
  predicates: true,
  namespace: true,
  labelSelector: true,
  default: true,
  validate: true,
  finalize: true,
  finalizer: true,
  ready: true,
  formerManagers: true,
  deleteChildren: true,
  writesStatus: true,
  retiredFinalizers: true,
  reconcile: true,
};

const ofKeys: Readonly<Record<keyof KeyedDeclaration<any, any, any, any>, true>> = {
  ...common,
  name: true,
  key: true,
  reads: true,
  watches: true,
  writes: true,
  sources: true,
  reconcile: true,
};

/** @throws TypeError for what is no kind; @param where as the end of a sentence: `controller() was given` */
export function checkKind(kind: AnyKind, where: string): void {
  if (typeof kind?.kind === 'string' && typeof kind.plural === 'string') return;
  const why =
    kind === undefined ? 'undefined: do two modules import each other?' : `${describe(kind)}, which is no kind`;
  throw new TypeError(
    `${where} ${why}; give what defineKind(), dynamicKind() or an import such as setpoint/core/v1 has`,
  );
}

/** @throws TypeError for what is no declaration of a controller, or has options that there are not */
export function checkDeclaration(of: string, declaration: object, isKeyed = false): void {
  if (typeof declaration !== 'object' || declaration === null) {
    throw new TypeError(`${of}: give it an object with \`reconcile\`, not ${describe(declaration)}`);
  }
  const known = isKeyed ? ofKeys : ofKinds;
  const { reconcile } = declaration as { readonly reconcile?: unknown };
  if (typeof reconcile !== 'function') throw new TypeError(`${of}: \`reconcile\` is ${describe(reconcile)}`);
  // A plain object of another realm, as some test runners have, is as good as one of this.
  const prototype = Object.getPrototypeOf(declaration);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new TypeError(
      `${of}: give a plain object; methods of an instance would lose their \`this\`, so write reconcile: (object, context) => instance.reconcile(object, context)`,
    );
  }
  for (const option of Object.keys(declaration)) {
    if (Object.hasOwn(known, option)) continue;
    const alike = Object.keys(known).find((name) => name.toLowerCase().startsWith(option.toLowerCase().slice(0, 4)));
    throw new TypeError(`${of}: there is no option \`${option}\`${alike ? `; is it \`${alike}\`?` : ''}`);
  }
  checkLists(of, declaration as Partial<ControllerDeclaration<any, any, any, any, any>>);
}

function checkLists(of: string, declaration: Partial<ControllerDeclaration<any, any, any, any, any>>): void {
  const { owns = [], writes = [], reads = [], watches = [], predicates = [] } = declaration;
  for (const [option, list] of Object.entries({ owns, writes, reads, watches, predicates })) {
    if (!Array.isArray(list)) throw new TypeError(`${of}: \`${option}\` is ${describe(list)}; give a list`);
  }
  for (const [i, entry] of owns.entries()) {
    checkKind(entry?.type === 'owned' ? entry.kind : entry, `${of}: owns[${i}] is`);
  }
  for (const [i, entry] of writes.entries()) checkKind(entry, `${of}: writes[${i}] is`);
  for (const [i, entry] of reads.entries()) {
    checkKind(typeof entry?.keys === 'function' ? entry.kind : entry, `${of}: reads[${i}] is`);
  }
  for (const [i, entry] of watches.entries()) {
    if (entry?.type === 'watch') continue;
    throw new TypeError(`${of}: watches[${i}] is ${describe(entry)}; write watch(Kind, { enqueue })`);
  }
  for (const [i, entry] of predicates.entries()) {
    if (typeof entry === 'function') continue;
    throw new TypeError(`${of}: predicates[${i}] is ${describe(entry)}, and no function`);
  }
}

/** @throws Error naming the option, for what is no duration */
export function milliseconds(of: string, option: string, duration: Duration): number {
  try {
    return toMilliseconds(duration);
  } catch (error) {
    throw new Error(
      `${of}: ${option} is ${JSON.stringify(duration)}: write it as '30s', '5m' or '1h30m', or as a number of milliseconds`,
      { cause: error },
    );
  }
}

/** @throws Error naming the option, for what is no whole number from 1 on */
export function atLeastOne(of: string, option: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`${of}: ${option} is ${value}: give a whole number from 1 on`);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  return value === null || typeof value !== 'object' ? String(value) : 'an object';
}
