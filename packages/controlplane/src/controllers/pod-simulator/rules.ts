import type { Duration } from '@setpoint/apimachinery/duration';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { MutableObject } from '../../registry/index.ts';

/** Which pods a rule is about; all that is given must fit. */
export interface PodMatch {
  readonly namespace?: string;
  readonly name?: string | RegExp;
  /** Labels that the pod must have. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Its controller: the ReplicaSet, StatefulSet, Job, … */
  readonly owner?: { readonly kind?: string; readonly name?: string | RegExp };
  /** Of any of its containers. */
  readonly image?: string | RegExp;
  /** Any further condition on the pod. */
  readonly when?: (pod: KubeObject) => boolean;
}

/** What becomes of containers. Times count from the start of a container. */
export interface ContainerScript {
  /** How long it runs until it ends by itself. @default for ever; those of Jobs and init containers 100 ms */
  readonly runsFor?: Duration | 'forever';
  /** What it ends with; of several, one for each run, and the last for all that follow. @default 0 */
  readonly exitCode?: number | readonly number[];
  /** `OOMKilled`, … @default `Completed` or `Error`, by the exit code */
  readonly reason?: string;
  /** The kernel kills it: exit code 137, reason `OOMKilled`. */
  readonly oomKilled?: boolean;
  /** What it leaves in its termination log. */
  readonly message?: string;
  /** Until it is ready. @default at once, or the initial delay of its readiness probe */
  readonly readyAfter?: Duration | 'never';
  /** What it writes. @default nothing */
  readonly log?: string | readonly string[];
  /** How long it takes to pull its image. @default 50 ms */
  readonly pullsFor?: Duration;
  /** The image cannot be pulled, for this reason. */
  readonly pullError?: string;
  /** How long it takes to end when it is told to; `never`: until it is killed, when the grace period is over. @default 20 ms */
  readonly stopsAfter?: Duration | 'never';
}

/** What becomes of the pods that it matches. Of several rules that do, each member is that of the latest that has it. */
export interface PodRule extends ContainerScript {
  /** @default all pods */
  readonly match?: PodMatch;
  /** No node takes it, for this reason; the scheduler looks again when rules change. */
  readonly unschedulable?: string;
  /** Where it goes. @default the node with the fewest pods that its selectors and tolerations allow */
  readonly node?: string;
  /** From its creation until it has a node. @default 10 ms */
  readonly scheduledAfter?: Duration;
  /** Its address. @default the next of 10.244.0.0/16 */
  readonly ip?: string;
  /** What becomes of single containers, by name, where it differs. */
  readonly containers?: Readonly<Record<string, ContainerScript>>;
  /** From its start until the node evicts it; its phase is Failed then, its reason Evicted. @default never */
  readonly evictedAfter?: Duration;
  /** Called once when all its containers run. What it throws is reported as a failure of the simulator. */
  readonly onRunning?: (pod: KubeObject) => void | Promise<void>;
}

/** The rules of one control plane; the latest come last. */
export class PodRules {
  readonly #rules: PodRule[];
  readonly #listeners = new Set<() => void>();

  constructor(rules: readonly PodRule[] = []) {
    this.#rules = [...rules];
  }

  /** Adds a rule, which counts for pods that are there, too. Returns the way to take it back. */
  add(rule: PodRule): () => void {
    this.#rules.push(rule);
    this.#tell();
    return () => {
      const index = this.#rules.indexOf(rule);
      if (index < 0) return;
      this.#rules.splice(index, 1);
      this.#tell();
    };
  }

  /** Calls back when rules have come or gone. Returns the way to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** All that the rules say of a pod. */
  of(pod: KubeObject): PodRule {
    const matching = this.#rules.filter(({ match }) => !match || matches(match, pod as MutableObject));
    const containers = matching.flatMap((rule) => (rule.containers ? [rule.containers] : []));
    return Object.assign(
      {},
      ...matching,
      containers.length > 0 ? { containers: Object.assign({}, ...containers) } : {},
    );
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function matches({ namespace, name, labels, owner, image, when }: PodMatch, pod: MutableObject): boolean {
  const { metadata, spec } = pod;
  if (namespace !== undefined && namespace !== metadata.namespace) return false;
  if (name !== undefined && !fits(name, metadata.name ?? '')) return false;
  for (const [key, value] of Object.entries(labels ?? {})) if (metadata.labels?.[key] !== value) return false;
  if (owner) {
    const controller = metadata.ownerReferences?.find((reference) => reference.controller);
    if (!controller) return false;
    if (owner.kind !== undefined && owner.kind !== controller.kind) return false;
    if (owner.name !== undefined && !fits(owner.name, controller.name)) return false;
  }
  const images = [...(spec.initContainers ?? []), ...spec.containers].map((one) => one.image ?? '');
  if (image !== undefined && !images.some((one) => fits(image, one))) return false;
  return when?.(pod) ?? true;
}

function fits(wanted: string | RegExp, value: string): boolean {
  return typeof wanted === 'string' ? wanted === value : wanted.test(value);
}

/** What the rules say of one container. */
export function scriptOf(rule: PodRule, container: string): ContainerScript {
  return { ...rule, ...rule.containers?.[container] };
}
