import { toMilliseconds } from '@setpoint/apimachinery/duration';
import type { LabelSelector } from '@setpoint/apimachinery/meta';
import { parseLabelSelector } from '@setpoint/apimachinery/selectors';
import type { Controller } from '../controller/index.ts';
import { type AnyKind, type Crd, kindKey, kindName } from '../kinds/index.ts';
import { certificateNeeds, type RbacNeed, type WebhookRegistration } from '../manifests/index.ts';
import type { Hook, Webhook, WebhookOptions } from './types.ts';

const longestTimeout = 30;

/**
 * Declares webhooks of a kind: `default` is served as a mutating, `validate` as a validating one. For kinds that have
 * no controller here, such as Pod; those of a controller need no more than its own `default` and `validate`. Given for
 * such a kind nevertheless, it takes the place of what would be served for the controller.
 *
 * @throws Error for a declaration that cannot work: no function, a time-out that is no whole number of seconds up to 30
 */
export function webhook<const K extends AnyKind>(kind: K, options: WebhookOptions<K>): Webhook {
  const { timeout = '10s', operations = ['CREATE', 'UPDATE'] } = options;
  const of = `webhook of ${kindName(kind)}`;
  if (!options.default && !options.validate) throw new Error(`${of}: give it \`default\`, \`validate\` or both`);
  if (kind.projection !== 'full') throw new Error(`${of}: metadata(${kind.kind}) has none; give the kind itself`);
  if (operations.length === 0) throw new Error(`${of}: it has no operations`);
  const timeoutSeconds = toMilliseconds(timeout) / 1000;
  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 1 || timeoutSeconds > longestTimeout) {
    throw new Error(`${of}: the time-out is a whole number of seconds from 1 to ${longestTimeout}, not ${timeout}`);
  }
  return Object.freeze({
    type: 'webhook',
    kind,
    default: options.default,
    validate: options.validate,
    operations,
    objectSelector: options.objectSelector,
    namespaceSelector: options.namespaceSelector,
    matchConditions: options.matchConditions ?? [],
    failurePolicy: options.failurePolicy ?? 'Fail',
    sideEffects: options.sideEffects ?? 'None',
    timeoutSeconds,
    sparesDeleted: false,
  } satisfies Webhook);
}

/** What is served for a controller; undefined if it has neither `default` nor `validate`. */
function webhookOf(controller: Controller): Webhook | undefined {
  const { kind, namespace, labelSelector, validate } = controller;
  const fill = controller.default;
  if (!kind || (!fill && !validate)) return undefined;
  return Object.freeze({
    type: 'webhook',
    kind,
    default: fill,
    validate,
    operations: ['CREATE', 'UPDATE'],
    objectSelector: labelSelector === undefined ? undefined : selectorObject(labelSelector),
    namespaceSelector:
      namespace === undefined ? undefined : { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    matchConditions: [],
    failurePolicy: 'Fail',
    sideEffects: 'None',
    timeoutSeconds: 10,
    sparesDeleted: true,
  } satisfies Webhook);
}

/** The members of a LabelSelector for what stands in a controller as `app=a,!b`. */
function selectorObject(text: string): LabelSelector {
  const matchExpressions = parseLabelSelector(text).requirements.map(({ key, operator, values }) => {
    switch (operator) {
      case '=':
      case '==':
      case 'in':
        return { key, operator: 'In' as const, values: [...values] };
      case '!=':
      case 'notin':
        return { key, operator: 'NotIn' as const, values: [...values] };
      case 'exists':
        return { key, operator: 'Exists' as const };
      case '!':
        return { key, operator: 'DoesNotExist' as const };
      default:
        throw new Error(`the label selector ${text} has ${operator}, which a webhook configuration cannot say`);
    }
  });
  return { matchExpressions };
}

/**
 * The webhooks of an operator, each kind's once: those declared by `webhook()`, and those of controllers whose kinds
 * have none of that sort.
 *
 * @throws Error for two webhooks of one kind
 */
export function allWebhooks(controllers: readonly Controller[], webhooks: readonly Webhook[]): readonly Webhook[] {
  const byKind = new Map<string, Webhook>();
  for (const declared of webhooks) {
    const key = kindKey(declared.kind);
    if (byKind.has(key)) throw new Error(`there are two webhooks of ${kindName(declared.kind)}: make one of them`);
    byKind.set(key, declared);
  }
  for (const controller of controllers) {
    const own = webhookOf(controller);
    const key = own && kindKey(own.kind);
    if (!own || key === undefined) continue;
    const present = byKind.get(key);
    if (present?.sparesDeleted) {
      throw new Error(
        `two controllers of ${kindName(own.kind)} have \`default\` or \`validate\`: say in a webhook() which counts`,
      );
    }
    if (!present) byKind.set(key, own);
  }
  return [...byKind.values()];
}

/** `/mutate-tutorial-my-domain-v1-foo`, as controller-runtime has it; of the core group `/mutate--v1-pod`. */
export function webhookPath(type: WebhookRegistration['type'], { group, version, kind }: AnyKind): string {
  const verb = type === 'mutating' ? 'mutate' : 'validate';
  return `/${verb}-${group.replaceAll('.', '-')}-${version}-${kind.toLowerCase()}`;
}

/** What is served, path by path: the mutating half of each webhook, and the validating one. */
export function hooksOf(webhooks: readonly Webhook[]): readonly Hook[] {
  return webhooks.flatMap((webhook) => {
    const { kind, operations } = webhook;
    const half = (type: WebhookRegistration['type'], of: Hook['operations']): Hook[] =>
      of.length === 0 ? [] : [{ ...webhook, type, operations: of, path: webhookPath(type, kind), webhook }];
    const filled = operations.filter((operation) => operation !== 'DELETE');
    return [
      ...(webhook.default ? half('mutating', filled) : []),
      ...(webhook.validate ? half('validating', operations) : []),
    ];
  });
}

/** What an operator needs that makes the certificates of its webhooks itself. */
export function webhookNeeds(operator: {
  readonly name: string;
  readonly namespace: string;
  readonly webhooks: readonly Webhook[];
  readonly crds: readonly Crd[];
}): readonly RbacNeed[] {
  const { name, namespace, webhooks, crds } = operator;
  const types = new Set(hooksOf(webhooks).map(({ type }) => type));
  return certificateNeeds({ name, namespace, types, crds: convertedCrds(crds).map((crd) => crd.name) });
}

/** Those whose conversion the operator serves. */
export function convertedCrds(crds: readonly Crd[]): readonly Crd[] {
  return crds.filter(({ conversion }) => conversion === 'Webhook');
}
