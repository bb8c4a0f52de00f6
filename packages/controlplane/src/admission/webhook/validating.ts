import type { WebhookClient } from '../../http/index.ts';
import { afterConversions } from '../../registry/index.ts';
import type { AdmissionAttributes } from '../../verbs/index.ts';
import { type Invocation, isExempt } from '../match.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import type { PluginTools } from '../plugins.ts';
import { callWebhook, deadlineOf } from './caller.ts';
import { createHookSource, type Hook } from './configuration.ts';
import { CallError, denial } from './errors.ts';
import { type Conditions, createConditions, shouldCall } from './should-call.ts';

interface Relevant {
  readonly hook: Hook;
  readonly invocation: Invocation;
}

/** Asks the webhooks of ValidatingWebhookConfigurations, all at once. */
export function validatingWebhooks({ client, authorizerOf }: PluginTools): AdmissionPlugin {
  const hooksOf = createHookSource('validatingwebhookconfigurations');
  const conditionsOf = createConditions(authorizerOf);
  return {
    name: 'ValidatingAdmissionWebhook',
    handles: () => true,
    validate(attributes) {
      const hooks = hooksOf(attributes.backend);
      if (hooks.length === 0 || isExempt(attributes)) return undefined;
      const conditions = conditionsOf(hooks);
      if (conditions instanceof Promise) {
        return conditions.then((loaded) => afterConversions(() => callRelevant(client, attributes, hooks, loaded)));
      }
      return afterConversions(() => callRelevant(client, attributes, hooks, conditions));
    },
  };
}

function callRelevant(
  client: WebhookClient,
  attributes: AdmissionAttributes,
  hooks: readonly Hook[],
  conditions: Conditions,
): Promise<void> | undefined {
  const relevant: Relevant[] = [];
  for (const hook of hooks) {
    const invocation = shouldCall(hook, attributes, conditions);
    if (invocation) relevant.push({ hook, invocation });
  }
  return relevant.length === 0 ? undefined : callAll(client, attributes, relevant);
}

/** Waits for every answer; of several refusals the first to come is the answer. */
async function callAll(
  client: WebhookClient,
  attributes: AdmissionAttributes,
  relevant: readonly Relevant[],
): Promise<void> {
  const deadline = deadlineOf(attributes);
  const refusals: unknown[] = [];
  await Promise.all(
    relevant.map(async ({ hook, invocation }, index) => {
      try {
        const call = { hook, invocation, attributes, mutating: false, deadline };
        const { allowed, result } = await callWebhook(client, call);
        if (!allowed) refusals.push(denial(hook.webhook.name, result));
      } catch (error) {
        if (!(error instanceof CallError)) refusals.push(error);
        else if (hook.webhook.failurePolicy !== 'Ignore') refusals.push(error.refusal);
        else
          attributes.annotate(
            `failed-open.validating.webhook.admission.k8s.io/round_0_index_${index}`,
            hook.webhook.name,
          );
      }
    }),
  );
  if (refusals.length > 0) throw refusals[0];
}
