import type { ServedResource } from '../registry/index.ts';
import type { Admission, AdmissionAttributes } from '../verbs/index.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import type { AdmissionPlugin } from './plugin.ts';

type Phase = (attributes: AdmissionAttributes) => Promise<void> | undefined;

interface Phases {
  readonly mutating: readonly Phase[];
  readonly validating: readonly Phase[];
}

/** Both phases of admission over the plugins in kube-apiserver's order. */
export function createAdmission(): Admission {
  const plugins: readonly AdmissionPlugin[] = [namespaceLifecycle];
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
    mutate: (attributes) => runInOrder(phasesOf(attributes).mutating, attributes),
    validate: (attributes) => runInOrder(phasesOf(attributes).validating, attributes),
  };
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
