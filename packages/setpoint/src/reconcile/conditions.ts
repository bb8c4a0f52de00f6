import type { Clock } from '@setpoint/apimachinery/clock';
import type { Condition, KubeObject } from '@setpoint/apimachinery/meta';
import { type AnyKind, declaresConditions } from '../kinds/index.ts';
import { statusNotWritten, statusOf } from './status.ts';
import type { ConditionInput, Conditions } from './types.ts';

/** The condition under which the outcome of the last pass stands, and its reasons. */
export const conditionReason = {
  type: 'Reconciled',
  success: 'ReconcileSuccess',
  error: 'ReconcileError',
  invalid: 'Invalid',
} as const;
const outcomeType = conditionReason.type;

/** The condition that sums an object up, kept where a controller declares `ready`. */
export const readyType = 'Ready';

const statuses: ReadonlySet<unknown> = new Set(['True', 'False', 'Unknown']);

/** The longest message that the API convention allows. */
const longestMessage = 32_768;

type Staged = ReadonlyMap<string, ConditionInput | undefined>;

/** Conditions of one pass until they are written; undefined marks one that goes. */
export class StagedConditions implements Conditions {
  readonly #staged = new Map<string, ConditionInput | undefined>();
  readonly #kind: AnyKind;
  readonly #writesStatus: boolean;
  readonly #current: () => KubeObject | undefined;
  readonly #generation: () => number | undefined;

  /** @param generation which one the pass acts on: an edit that came meanwhile was not observed */
  constructor(
    { kind, writesStatus }: { readonly kind: AnyKind; readonly writesStatus: boolean },
    current: () => KubeObject | undefined,
    generation: () => number | undefined,
  ) {
    this.#kind = kind;
    this.#writesStatus = writesStatus;
    this.#current = current;
    this.#generation = generation;
  }

  /** Whether nothing is staged. */
  get isEmpty(): boolean {
    return this.#staged.size === 0;
  }

  /** Forgets what is staged. */
  clear(): void {
    this.#staged.clear();
  }

  get(type: string): Condition | undefined {
    const object = this.#current();
    return object && conditionsOf(object).find((condition) => condition.type === type);
  }

  set(condition: ConditionInput): void {
    this.#check();
    const { type, status, reason } = condition;
    if (!statuses.has(status)) {
      throw new TypeError(`condition ${type}: its status is ${String(status)}; give 'True', 'False' or 'Unknown'`);
    }
    if (typeof type !== 'string' || typeof reason !== 'string') {
      throw new TypeError(`condition ${String(type)}: give it a \`type\` and a \`reason\`, one word in CamelCase each`);
    }
    this.#staged.set(type, condition);
  }

  remove(type: string): void {
    this.#check();
    this.#staged.set(type, undefined);
  }

  /** Stages what the pass came to, where the kind has a place for it. */
  outcome(condition: ConditionInput): void {
    if (this.#kept) this.#staged.set(outcomeType, condition);
  }

  /**
   * Stages `Ready` as the outcome has it, or as the first gate that is not `True`. What the pass said of it stands,
   * but for a `True` of a pass that failed.
   *
   * @param refused what it is instead, though the pass went well and no gate is closed
   */
  ready(gates: readonly string[], outcome: Omit<ConditionInput, 'type'>, refused?: Omit<ConditionInput, 'type'>): void {
    if (!this.#kept) return;
    const said = this.#staged.get(readyType);
    if (said && (outcome.status === 'True' || said.status !== 'True')) return;
    const closed = outcome.status === 'True' ? (this.#closedGate(gates) ?? refused) : undefined;
    this.#staged.set(readyType, { ...(closed ?? outcome), type: readyType });
  }

  #closedGate(gates: readonly string[]): Omit<ConditionInput, 'type'> | undefined {
    for (const type of gates) {
      const present = this.get(type);
      const condition = this.#staged.has(type) ? this.#staged.get(type) : present;
      if (!condition) return { status: 'False', reason: 'ConditionMissing', message: `there is no condition ${type}` };
      const { observedGeneration: seen } = condition as Partial<Condition>;
      if (seen !== undefined && seen < (this.#generation() ?? 0)) {
        return { status: 'Unknown', reason: 'ConditionOutdated', message: `${type} is about generation ${seen}` };
      }
      if (condition.status !== 'True') {
        const { status, reason, message } = condition;
        return { status, reason, message: message ? `${type}: ${message}` : `${type} is ${status}` };
      }
    }
    return undefined;
  }

  /** What a write of the status has to do, undefined if nothing is staged. */
  change(clock: Clock): ((status: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>) | undefined {
    if (this.#staged.size === 0) return undefined;
    return (status) => {
      const present = listOf(status.conditions);
      return { ...status, conditions: mergeConditions(present, this.#staged, this.#generation(), clock) };
    };
  }

  get #kept(): boolean {
    return this.#writesStatus && declaresConditions(this.#kind);
  }

  #check(): void {
    if (!this.#writesStatus) throw statusNotWritten(this.#kind);
    if (declaresConditions(this.#kind)) return;
    throw new Error(`the status of ${this.#kind.kind} declares no conditions: add \`conditions\` to its status schema`);
  }
}

function conditionsOf(object: KubeObject): readonly Condition[] {
  return listOf(statusOf(object).conditions);
}

/** What may be stored is not always what the schema allows: what is no condition is none. */
function listOf(conditions: unknown): readonly Condition[] {
  if (!Array.isArray(conditions)) return [];
  return conditions.every(isCondition) ? conditions : conditions.filter(isCondition);
}

function isCondition(value: unknown): value is Condition {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Condition>).type === 'string';
}

function mergeConditions(
  present: readonly Condition[],
  staged: Staged,
  generation: number | undefined,
  clock: Clock,
): readonly Condition[] {
  const kept = present.filter(({ type }) => staged.get(type) !== undefined || !staged.has(type));
  const merged = kept.map((condition) => {
    const input = staged.get(condition.type);
    return input ? update(condition, input, generation, clock) : condition;
  });
  for (const input of staged.values()) {
    if (input && !kept.some(({ type }) => type === input.type))
      merged.push(update(undefined, input, generation, clock));
  }
  return merged;
}

/**
 * The time of a transition changes with the status; that of an outcome also with its reason or generation, since
 * people read it as "failed at". An outcome whose message alone changed keeps both.
 */
function update(
  present: Condition | undefined,
  input: ConditionInput,
  generation: number | undefined,
  clock: Clock,
): Condition {
  const same =
    present?.status === input.status &&
    (input.type !== outcomeType || (present.reason === input.reason && present.observedGeneration === generation));
  return {
    // A schema may know more members than meta/v1 does.
    ...present,
    type: input.type,
    status: input.status,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastTransitionTime: (same ? present.lastTransitionTime : undefined) ?? timestamp(clock),
    reason: input.reason,
    message: (input.message ?? '').slice(0, longestMessage),
  };
}

/** RFC 3339 in seconds, as meta/v1 Time is written. */
export function timestamp(clock: Clock): string {
  return `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
}
