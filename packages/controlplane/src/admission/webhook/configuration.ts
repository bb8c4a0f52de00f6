import type { KubeObject, LabelSelector } from '@setpoint/apimachinery/meta';
import { labelSelectorOf, type Selector } from '@setpoint/apimachinery/selectors';
import type { Backend } from '../../verbs/index.ts';

/** A rule of a webhook or of an admission policy. */
export interface Rule {
  readonly operations: readonly string[];
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly scope?: string;
  /** Of a policy: the only names it is about. */
  readonly resourceNames?: readonly string[];
}

/** Where a webhook is called. */
export interface ClientConfig {
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string;
    readonly port?: number;
  };
  /** PEM in base64. */
  readonly caBundle?: string;
}

export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** A webhook as a configuration has it, with the defaults of its kind. */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: ClientConfig;
  readonly rules?: readonly Rule[];
  readonly failurePolicy?: 'Fail' | 'Ignore';
  readonly matchPolicy?: 'Exact' | 'Equivalent';
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly sideEffects?: string;
  readonly timeoutSeconds?: number;
  readonly admissionReviewVersions?: readonly string[];
  readonly reinvocationPolicy?: 'Never' | 'IfNeeded';
  readonly matchConditions?: readonly MatchCondition[];
}

/** A webhook with what was made of it once. */
export interface Hook {
  readonly webhook: Webhook;
  /** Name of the configuration. */
  readonly configuration: string;
  /** Tells it from all others, those of the same name in one configuration too. */
  readonly id: string;
  readonly namespaceSelector: Selector;
  readonly objectSelector: Selector;
}

export type WebhookKind = 'mutatingwebhookconfigurations' | 'validatingwebhookconfigurations';

/** The webhooks of all configurations of one kind: sorted by the names of configurations, then as they stand there. */
export function createHookSource(kind: WebhookKind): (backend: Backend) => readonly Hook[] {
  const storageKey = `admissionregistration.k8s.io/${kind}`;
  const compiled = new WeakMap<KubeObject, readonly Hook[]>();
  return ({ store }) => {
    const collection = store.collection(storageKey);
    if (collection.size === 0) return [];
    const hooks: Hook[] = [];
    for (const { object } of collection.present().entries('')) {
      let own = compiled.get(object);
      if (!own) {
        own = hooksOf(object);
        compiled.set(object, own);
      }
      hooks.push(...own);
    }
    return hooks;
  };
}

function hooksOf(configuration: KubeObject): Hook[] {
  const { name = '' } = configuration.metadata;
  const { webhooks = [] } = configuration as { webhooks?: readonly Webhook[] };
  const seen = new Map<string, number>();
  return webhooks.map((webhook) => {
    const count = seen.get(webhook.name) ?? 0;
    seen.set(webhook.name, count + 1);
    return {
      webhook,
      configuration: name,
      id: `${name}/${webhook.name}/${count}`,
      namespaceSelector: labelSelectorOf(webhook.namespaceSelector ?? {}),
      objectSelector: labelSelectorOf(webhook.objectSelector ?? {}),
    };
  });
}
