import type { MutableObject } from '../registry/index.ts';
import type { AdmissionAttributes } from '../verbs/index.ts';
import type { AdmissionPlugin, AdmissionSubject } from './plugin.ts';

export const isPod = ({ group, resource, subresource }: AdmissionSubject): boolean =>
  group === '' && resource === 'pods' && subresource === '';

const isWritten = ({ operation }: AdmissionSubject): boolean => operation === 'CREATE' || operation === 'UPDATE';

/** The spec of the pod of a request; a pod without one is for validation to refuse. */
export function podSpec({ object }: AdmissionAttributes): MutableObject['spec'] | undefined {
  return object?.spec;
}

/** A pod stays five minutes on a node that is not ready or not reachable, unless it says otherwise. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  handles: (subject) => isPod(subject) && isWritten(subject),
  admit(attributes) {
    const spec = podSpec(attributes);
    if (!spec) return undefined;
    for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
      const tolerations: readonly Toleration[] = spec.tolerations ?? [];
      if (tolerations.some((one) => (!one.key || one.key === key) && (!one.effect || one.effect === 'NoExecute')))
        continue;
      const added = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 };
      spec.tolerations = [...tolerations, added];
    }
    return undefined;
  },
};

interface Toleration {
  readonly key?: string;
  readonly effect?: string;
}

/** Whoever shares a node with others never runs what they have pulled without asking the registry. */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  handles: (subject) => isPod(subject) && isWritten(subject),
  admit(attributes) {
    for (const container of containersOf(podSpec(attributes))) container.imagePullPolicy = 'Always';
    return undefined;
  },
};

export function containersOf(spec: MutableObject['spec'] | undefined): MutableObject['spec'][] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])];
}
