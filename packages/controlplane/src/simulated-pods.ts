import type { Logs, PodRules } from './controllers/index.ts';
import type { SimulatedPods } from './options.ts';
import type { MutableObject } from './registry/index.ts';
import { type Backend, collectionOf } from './verbs/index.ts';

/** What a program may say of the simulated pods of a control plane. */
export function simulatedPods(backend: Backend, rules: PodRules, logs: Logs): SimulatedPods {
  return {
    add: (rule) => rules.add(rule),
    write({ namespace = 'default', name, container }, text) {
      const pods = backend.registry.lookup('', 'v1', 'pods');
      const pod =
        pods && (collectionOf(backend, pods).get(`${namespace}/${name}`)?.object as MutableObject | undefined);
      if (!pod) throw new Error(`there is no pod ${namespace}/${name} to write for; create it first`);
      const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
      const names: readonly string[] = all.map((one) => one.name);
      const chosen = container ?? (names.length === 1 ? names[0] : undefined);
      if (chosen === undefined || !names.includes(chosen))
        throw new Error(`pod ${namespace}/${name} has the containers ${names.join(', ')}; say which of them writes`);
      logs.write(pod, chosen, text, backend.clock.now());
    },
  };
}
