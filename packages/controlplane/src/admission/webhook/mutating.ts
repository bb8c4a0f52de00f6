import { goQuote } from '@setpoint/apimachinery/errors';
import { parseJson, stringifyJson } from '@setpoint/apimachinery/json';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { applyJsonPatch, decodeJsonPatch, deepEqual, JsonPatchError } from '@setpoint/apimachinery/patch';
import type { WebhookClient } from '../../http/index.ts';
import { afterConversions, whenConverted } from '../../registry/index.ts';
import { internalError } from '../../status/index.ts';
import { type AdmissionAttributes, mutableCopy } from '../../verbs/index.ts';
import { type Invocation, isExempt } from '../match.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import type { PluginTools } from '../plugins.ts';
import { callWebhook, deadlineOf } from './caller.ts';
import { createHookSource, type Hook } from './configuration.ts';
import { CallError, denial, requestTimeout } from './errors.ts';
import type { Verdict } from './review.ts';
import { type Conditions, createConditions, shouldCall } from './should-call.ts';
import { requested, versioned } from './versions.ts';

/** What the first round of one request leaves to the second. */
interface Rounds {
  readonly deadline: number;
  /** Called since the last change, with `reinvocationPolicy: IfNeeded`. */
  invoked: Set<string>;
  readonly again: Set<string>;
  /** Some patch has been applied. */
  patched: boolean;
  /** The object as it was after the last round. */
  output: KubeObject | undefined;
}

/** Asks the webhooks of MutatingWebhookConfigurations, one after the other, and applies their patches. */
export function mutatingWebhooks({ client, authorizerOf }: PluginTools): AdmissionPlugin {
  const hooksOf = createHookSource('mutatingwebhookconfigurations');
  const conditionsOf = createConditions(authorizerOf);
  const known = new WeakMap<AdmissionAttributes, Rounds>();
  const begin = (attributes: AdmissionAttributes, hooks: readonly Hook[], conditions: Conditions) => {
    // Most requests are no webhook's business, and wait for nothing.
    const first = hooks.findIndex((hook) => shouldCall(hook, attributes, conditions));
    if (first < 0) return undefined;
    let rounds = known.get(attributes);
    if (!rounds) {
      const deadline = deadlineOf(attributes);
      rounds = { deadline, invoked: new Set(), again: new Set(), patched: false, output: undefined };
      known.set(attributes, rounds);
    }
    return round(client, attributes, hooks.slice(first), first, conditions, rounds);
  };
  return {
    name: 'MutatingAdmissionWebhook',
    handles: () => true,
    admit(attributes) {
      const hooks = hooksOf(attributes.backend);
      if (hooks.length === 0 || isExempt(attributes)) return undefined;
      const conditions = conditionsOf(hooks);
      if (conditions instanceof Promise) {
        return conditions.then((loaded) => afterConversions(() => begin(attributes, hooks, loaded)));
      }
      return afterConversions(() => begin(attributes, hooks, conditions));
    },
  };
}

async function round(
  client: WebhookClient,
  attributes: AdmissionAttributes,
  hooks: readonly Hook[],
  first: number,
  conditions: Conditions,
  rounds: Rounds,
): Promise<void> {
  const again = attributes.reinvocation === true;
  if (again && !deepEqual(rounds.output, attributes.object)) requireAgain(rounds);
  try {
    for (const [index, hook] of hooks.entries()) {
      const invocation = await afterConversions(() => shouldCall(hook, attributes, conditions));
      if (!invocation || (again && !rounds.again.has(hook.id))) continue;
      await callOne(client, attributes, hook, invocation, rounds, `round_${again ? 1 : 0}_index_${first + index}`);
    }
  } finally {
    rounds.output = attributes.object && mutableCopy(attributes.object);
  }
}

async function callOne(
  client: WebhookClient,
  attributes: AdmissionAttributes,
  hook: Hook,
  invocation: Invocation,
  rounds: Rounds,
  place: string,
): Promise<void> {
  const { name, failurePolicy, reinvocationPolicy } = hook.webhook;
  let mutated = false;
  let failure: unknown;
  try {
    const call = { hook, invocation, attributes, mutating: true, deadline: rounds.deadline };
    const verdict = await callWebhook(client, call);
    if (!verdict.allowed) throw denial(name, verdict.result);
    mutated = await applyVerdict(name, attributes, invocation, verdict, rounds);
  } catch (error) {
    failure = error;
  }
  const value = { configuration: hook.configuration, webhook: name, mutated };
  attributes.annotate(`mutation.webhook.admission.k8s.io/${place}`, stringifyJson(value));
  if (mutated) {
    requireAgain(rounds);
    attributes.reinvocation ??= false;
  }
  if (reinvocationPolicy === 'IfNeeded') rounds.invoked.add(hook.id);
  if (failure === undefined) return;
  if (!(failure instanceof CallError)) throw failure;
  if (failurePolicy !== 'Ignore') throw failure.refusal;
  attributes.annotate(`failed-open.mutation.webhook.admission.k8s.io/${place}`, name);
  if (attributes.signal?.aborted) throw requestTimeout('');
}

function requireAgain(rounds: Rounds): void {
  for (const id of rounds.invoked) rounds.again.add(id);
  rounds.invoked = new Set();
}

/**
 * Times of field ownership that this request has set are exact until the first patch has been applied, and to the
 * second afterwards: in the eyes of the real server a change, whatever the patch says.
 */
function isFresh({ operation, object, oldObject }: AdmissionAttributes, rounds: Rounds): boolean {
  if (rounds.patched) return false;
  rounds.patched = true;
  return operation === 'CREATE' || !deepEqual(object?.metadata.managedFields, oldObject?.metadata.managedFields);
}

/** Whether the patch changed anything. */
async function applyVerdict(
  name: string,
  attributes: AdmissionAttributes,
  invocation: Invocation,
  { patch, patchType }: Verdict,
  rounds: Rounds,
): Promise<boolean> {
  if (patch === '') return false;
  const operations = readPatch(name, patch);
  if (operations.length === 0) return false;
  const { resource } = attributes;
  const object = await whenConverted(resource, () => versioned(attributes, invocation, attributes.object));
  if (!object) {
    const what = `admission webhook ${goQuote(name)} attempted to modify the object`;
    throw internalError(`${what}, which is not supported for this operation`);
  }
  if (patchType !== 'JSONPatch') throw new CallError(name, `unsupported patch type ${goQuote(patchType)}`);
  const next = patched(object, operations);
  const fresh = isFresh(attributes, rounds);
  attributes.object = await whenConverted(resource, requested(attributes, invocation, next));
  return fresh || !deepEqual(object, next);
}

function readPatch(name: string, patch: string): readonly unknown[] {
  try {
    return decodeJsonPatch(parseJson(Buffer.from(patch)));
  } catch (error) {
    throw new CallError(name, `received undecodable patch in webhook response: ${(error as Error).message}`);
  }
}

function patched(object: KubeObject, operations: readonly unknown[]): unknown {
  try {
    return applyJsonPatch(object, operations);
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    throw internalError(error.message);
  }
}
