import { deepEqual } from '@setpoint/apimachinery/patch';
import { newUid } from '../verbs/index.ts';
import { judgeApproval } from './approval.ts';
import { bundleOf, bundleProblem } from './ca-bundle.ts';
import { conversionWebhook } from './conversion-webhook.ts';
import {
  cleanupFinalizer,
  condition,
  type Definition,
  type DefinitionCondition,
  isTrue,
  storageKeyOf,
  withCondition,
} from './definition.ts';
import type { CrdHost } from './host.ts';
import { acceptNames } from './names.ts';
import { createServedResource } from './served-resource.ts';

/**
 * The life of custom resource definitions: names are accepted, versions served, the definition established;
 * when it is deleted its instances go first. Everything happens in the turn of the commit that caused it; each
 * step is a write of its own, so that who watches definitions sees what a cluster would show.
 */
export class CustomResources {
  readonly #host: CrdHost;
  /** Keys of the registry by definition, with the state they were made from. */
  readonly #served = new Map<string, Served>();
  readonly #cleanups = new Map<string, () => void>();
  readonly #terminating = new Set<string>();
  #isStarted = false;
  #isBusy = false;
  readonly #changed = new Set<string>();

  constructor(host: CrdHost) {
    this.#host = host;
  }

  /** Takes up what is stored already: call once, before requests are served. */
  start(): void {
    for (const definition of this.#host.listDefinitions()) this.definitionChanged(definition.metadata.name ?? '');
    this.#isStarted = true;
  }

  /** To be called after each commit that wrote or removed a definition, in the same turn. */
  definitionChanged(name: string): void {
    this.#changed.add(name);
    // Our own writes come back here; they are taken up by the loop below.
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (const next of this.#changed) {
        this.#changed.delete(next);
        this.#reconcile(next);
      }
    } finally {
      this.#isBusy = false;
    }
  }

  close(): void {
    for (const stop of this.#cleanups.values()) stop();
    this.#cleanups.clear();
  }

  #reconcile(name: string): void {
    const definition = this.#host.getDefinition(name) as Definition | undefined;
    if (definition === undefined) {
      this.#removed(name);
      return;
    }
    let current = this.#nameAndJudge(definition);
    this.#serve(current);
    this.#tellOfTermination(current);
    if (isTrue(current, 'NamesAccepted') && !isTrue(current, 'Established')) {
      const next = withCondition(current, establishment(current), this.#host.clock.now());
      if (!deepEqual(next.status, current.status)) current = this.#write(next);
    }
    if (current.metadata.deletionTimestamp !== undefined) this.#terminate(current);
  }

  #nameAndJudge(definition: Definition): Definition {
    const now = this.#host.clock.now();
    const others = this.#othersOfGroup(definition.spec.group, definition.metadata.name);
    const named = acceptNames(definition, others, now);
    let current = named === definition ? definition : this.#write(named);
    // A name may have become free for another definition of the group.
    if (named !== definition) for (const other of others) this.#changed.add(other.metadata.name ?? '');
    const judged = judgeApproval(current, now);
    if (judged !== current) current = this.#write(judged);
    return current;
  }

  #othersOfGroup(group: string, name: string | undefined): readonly Definition[] {
    const all = this.#host.listDefinitions() as readonly Definition[];
    return all.filter((other) => other.spec.group === group && other.metadata.name !== name);
  }

  /** Puts the served versions into the registry and takes the others out; unchanged ones are left alone. */
  #serve(definition: Definition): void {
    const name = definition.metadata.name as string;
    const isServing = isTrue(definition, 'NamesAccepted') || isTrue(definition, 'Established');
    const versions = isServing ? definition.spec.versions.filter((version) => version.served) : [];
    const { group, names } = definition.spec;
    const { uid } = definition.metadata;
    const before = this.#served.get(name);
    const state: Served = {
      group,
      plural: names.plural,
      versions: versions.map((version) => version.name),
      spec: definition.spec,
      names: definition.status?.acceptedNames,
      uid,
    };
    if (before && deepEqual(before, state)) return;
    for (const version of before?.versions ?? []) {
      if (!state.versions.includes(version)) this.#host.registry.remove(group, version, names.plural);
    }
    const current = () => {
      const stored = this.#host.getDefinition(name) as Definition | undefined;
      return stored?.metadata.uid === uid ? stored : undefined;
    };
    const isTerminating = () => {
      const stored = current();
      return stored !== undefined && isTrue(stored, 'Terminating');
    };
    const isGone = () => current() === undefined;
    const webhook =
      definition.spec.conversion?.strategy === 'Webhook'
        ? conversionWebhook(definition, this.#host.webhooks, () => newUid(this.#host.random))
        : undefined;
    // What was served when the process ended may be watched from where that was.
    const servedSince = this.#isStarted ? this.#host.revision() : undefined;
    for (const version of versions) {
      this.#host.registry.set(
        createServedResource(definition, version, { isTerminating, isGone, webhook, servedSince }),
      );
    }
    this.#served.set(name, state);
  }

  /** Discovery lists fewer verbs from the moment when a definition begins to go, until its instances are gone. */
  #tellOfTermination(definition: Definition): void {
    const name = definition.metadata.name as string;
    const isTerminating = isTrue(definition, 'Terminating');
    if (this.#terminating.has(name) === isTerminating) return;
    if (isTerminating) this.#terminating.add(name);
    else this.#terminating.delete(name);
    const served = this.#served.get(name);
    for (const version of served?.versions ?? []) {
      this.#host.registry.touch(definition.spec.group, version, definition.spec.names.plural);
    }
  }

  #removed(name: string): void {
    this.#cleanups.get(name)?.();
    this.#cleanups.delete(name);
    this.#terminating.delete(name);
    const before = this.#served.get(name);
    if (before === undefined) return;
    for (const version of before.versions) this.#host.registry.remove(before.group, version, before.plural);
    this.#served.delete(name);
    for (const other of this.#othersOfGroup(before.group, name)) this.#changed.add(other.metadata.name ?? '');
  }

  /** Deletes the instances; the last one to go takes the definition with it. */
  #terminate(definition: Definition): void {
    const name = definition.metadata.name as string;
    if (!definition.metadata.finalizers?.includes(cleanupFinalizer)) return;
    const storageKey = storageKeyOf(definition);
    if (condition(definition, 'Terminating')?.reason !== 'InstanceDeletionInProgress') {
      const message = 'CustomResource deletion is in progress';
      const terminating = {
        type: 'Terminating',
        status: 'True',
        reason: 'InstanceDeletionInProgress',
        message,
      } as const;
      this.#write(withCondition(definition, terminating, this.#host.clock.now()));
      for (const instance of this.#host.listInstances(storageKey)) {
        if (instance.metadata.deletionTimestamp === undefined) this.#host.deleteInstance(storageKey, instance);
      }
    }
    if (this.#host.listInstances(storageKey).length === 0) this.#finish(name);
    else this.#awaitInstances(name, storageKey);
  }

  #awaitInstances(name: string, storageKey: string): void {
    if (this.#cleanups.has(name)) return;
    const stop = this.#host.onInstanceRemoved(storageKey, () => {
      if (this.#host.listInstances(storageKey).length > 0) return;
      // Later in this turn: open watches hear of the last instance first, then that nothing is served any more.
      queueMicrotask(() => {
        if (this.#cleanups.has(name)) this.definitionChanged(name);
      });
    });
    this.#cleanups.set(name, stop);
  }

  /** Our finalizer goes; when it was the last one, so does the definition. */
  #finish(name: string): void {
    this.#cleanups.get(name)?.();
    this.#cleanups.delete(name);
    const definition = this.#host.getDefinition(name) as Definition;
    const finalizers = (definition.metadata.finalizers ?? []).filter((finalizer) => finalizer !== cleanupFinalizer);
    if (finalizers.length === 0) {
      this.#host.removeDefinition(name);
      this.#changed.add(name);
      return;
    }
    const message = 'removed all instances';
    const done = { type: 'Terminating', status: 'False', reason: 'InstanceDeletionCompleted', message } as const;
    const kept = { ...definition, metadata: { ...definition.metadata, finalizers } };
    this.#write(withCondition(kept, done, this.#host.clock.now()));
  }

  #write(definition: Definition): Definition {
    return this.#host.replaceDefinition(definition) as Definition;
  }
}

/** Once established, a definition stays so. */
function establishment(definition: Definition): Omit<DefinitionCondition, 'lastTransitionTime'> {
  if (bundleProblem(bundleOf(definition)) !== undefined) {
    const message = 'The conversion webhook CABundle is invalid';
    return { type: 'Established', status: 'False', reason: 'InvalidCABundle', message };
  }
  const message = 'the initial names have been accepted';
  return { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message };
}

interface Served {
  readonly group: string;
  readonly plural: string;
  readonly versions: readonly string[];
  readonly spec: Definition['spec'];
  readonly names: Definition['spec']['names'] | undefined;
  readonly uid: string | undefined;
}
