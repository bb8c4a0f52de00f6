import type { Clock } from '@setpoint/apimachinery/clock';
import type { ServiceResolver } from '../http/index.ts';
import { WebhookClient } from '../http/index.ts';
import type { ServedResource } from '../registry/index.ts';
import type { Store } from '../store/index.ts';
import type { Admission, AdmissionAttributes } from '../verbs/index.ts';
import type { AuthorizerOf } from './expressions/activation.ts';
import { expressionValidation } from './expressions/plugin.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { type AdmissionPlugins, enabledPlugins, makePlugin } from './plugins.ts';
import { serviceEndpoint } from './services.ts';

export interface AdmissionOptions {
  readonly clock: Clock;
  /** The present store, for references to Services. */
  readonly store: () => Store;
  /** Where Services of webhooks are. @default what their endpoints say */
  readonly resolveService?: ServiceResolver | undefined;
  readonly plugins?: AdmissionPlugins | undefined;
  /** Answers expressions that ask what users may do. */
  readonly authorizerOf?: AuthorizerOf | undefined;
}

/** Admission that keeps connections to webhooks. */
export interface AdmissionChain extends Admission {
  /** What posts to webhooks: those that convert are called by it too. */
  readonly webhooks: WebhookClient;
  close(): void;
}

type Phase = (attributes: AdmissionAttributes) => Promise<void> | undefined;

interface Phases {
  readonly mutating: readonly Phase[];
  readonly validating: readonly Phase[];
}

/**
 * Both phases of admission over the plugins in kube-apiserver's order.
 * @throws Error naming a plugin that does not exist or is not implemented
 */
export function createAdmission(options: AdmissionOptions): AdmissionChain {
  const { clock, store, resolveService, plugins: chosen } = options;
  const authorizerOf = options.authorizerOf ?? refuseQuestions;
  const client = new WebhookClient({
    clock,
    resolveService: resolveService ?? ((namespace, name, port) => serviceEndpoint(store(), namespace, name, port)),
    userAgent: 'kube-apiserver-admission',
  });
  const chosenPlugins = enabledPlugins(chosen).map((name) => makePlugin(name, { client, authorizerOf }));
  const plugins = [expressionValidation, ...chosenPlugins];
  // Which plugins have a say depends on the resource and the operation alone.
  const known = new WeakMap<ServedResource, Map<string, Phases>>();
  const phasesOf = ({ resource, operation, subresource }: AdmissionAttributes): Phases => {
    const ofResource = known.get(resource) ?? new Map<string, Phases>();
    known.set(resource, ofResource);
    const key = subresource === '' ? operation : `${operation}/${subresource}`;
    let phases = ofResource.get(key);
    if (!phases) {
      const { group, resource: plural, namespaced } = resource;
      const subject = { group, resource: plural, namespaced, subresource, operation };
      phases = phasesFor(plugins.filter((plugin) => plugin.handles(subject)));
      ofResource.set(key, phases);
    }
    return phases;
  };
  return {
    mutate(attributes) {
      const { mutating } = phasesOf(attributes);
      // Only webhooks, which have to be waited for, make another round necessary.
      return runInOrder(mutating, attributes)?.then(() => secondRound(mutating, attributes));
    },
    validate: (attributes) => runInOrder(phasesOf(attributes).validating, attributes),
    webhooks: client,
    close: () => client.close(),
  };
}

function refuseQuestions(): never {
  throw new Error('there is nobody here who knows what users may do');
}

function phasesFor(plugins: readonly AdmissionPlugin[]): Phases {
  return {
    mutating: plugins.flatMap((plugin) => (plugin.admit ? [plugin.admit.bind(plugin)] : [])),
    validating: plugins.flatMap((plugin) => (plugin.validate ? [plugin.validate.bind(plugin)] : [])),
  };
}

/** One after the other; a promise is made only once there is something to wait for. */
function runInOrder(phases: readonly Phase[], attributes: AdmissionAttributes, from = 0): Promise<void> | undefined {
  for (let index = from; index < phases.length; index++) {
    const pending = (phases[index] as Phase)(attributes);
    if (pending) return pending.then(() => runInOrder(phases, attributes, index + 1));
  }
  return undefined;
}

/** What a webhook has changed, all plugins see once more; webhooks themselves where they ask for it. */
function secondRound(mutating: readonly Phase[], attributes: AdmissionAttributes): Promise<void> | undefined {
  if (attributes.reinvocation !== false) return undefined;
  attributes.reinvocation = true;
  return runInOrder(mutating, attributes);
}
