import { isAllowedSeccomp, seccompProfile } from './baseline.ts';
import {
  badSetters,
  type Check,
  containersOf,
  named,
  namesOf,
  plural,
  quoted,
  type SecurityContext,
  sorted,
} from './pod.ts';

/** Windows has no such thing. */
export function unlessWindows(check: Check): Check {
  return (pod) => (pod.spec.os?.name === 'windows' ? undefined : check(pod));
}

export const allowPrivilegeEscalation: Check = (pod) => {
  const containers = containersOf(pod).filter((one) => one.securityContext?.allowPrivilegeEscalation !== false);
  if (containers.length === 0) return undefined;
  const detail = `${named('container', namesOf(containers))} must set securityContext.allowPrivilegeEscalation=false`;
  return { reason: 'allowPrivilegeEscalation != false', detail };
};

export const capabilitiesRestricted: Check = (pod) => {
  const containers = containersOf(pod).map(({ name, securityContext }) => {
    const { add = [], drop = [] } = securityContext?.capabilities ?? {};
    return { name, drops: drop.includes('ALL'), added: add.filter((each) => each !== 'NET_BIND_SERVICE') };
  });
  const keeping = containers.filter(({ drops }) => !drops);
  const adding = containers.filter(({ added }) => added.length > 0);
  const details: string[] = [];
  if (keeping.length > 0) {
    details.push(`${named('container', namesOf(keeping))} must set securityContext.capabilities.drop=["ALL"]`);
  }
  if (adding.length > 0) {
    const added = quoted(sorted(adding.flatMap((one) => one.added)));
    details.push(
      `${named('container', namesOf(adding))} must not include ${added} in securityContext.capabilities.add`,
    );
  }
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

const allowedVolumes: readonly string[] = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

const otherVolumes: readonly string[] = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
];

export const restrictedVolumes: Check = ({ spec }) => {
  const volumes = (spec.volumes ?? []).filter((volume) => !allowedVolumes.some((type) => volume[type]));
  if (volumes.length === 0) return undefined;
  const types = sorted(volumes.map((volume) => otherVolumes.find((type) => volume[type]) ?? 'unknown'));
  const names = volumes.map(({ name }) => name);
  const use = names.length === 1 ? 'uses' : 'use';
  const what = plural('restricted volume type', types.length);
  return { reason: 'restricted volume types', detail: `${named('volume', names)} ${use} ${what} ${quoted(types)}` };
};

export const runAsNonRoot: Check = (pod) => {
  const reason = 'runAsNonRoot != true';
  const isBad = (of: SecurityContext) => of.runAsNonRoot === false;
  const containers = containersOf(pod);
  const setters = badSetters(
    pod,
    containers.filter((one) => isBad(one.securityContext ?? {})),
    isBad,
  );
  if (setters) return { reason, detail: `${setters} must not set securityContext.runAsNonRoot=false` };
  if (pod.spec.securityContext?.runAsNonRoot) return undefined;
  const silent = containers.filter((one) => one.securityContext?.runAsNonRoot === undefined);
  if (silent.length === 0) return undefined;
  const who = named('container', namesOf(silent));
  return { reason, detail: `pod or ${who} must set securityContext.runAsNonRoot=true` };
};

export const runAsUser: Check = (pod) => {
  const isBad = (of: SecurityContext) => of.runAsUser === 0;
  const containers = containersOf(pod).filter((one) => isBad(one.securityContext ?? {}));
  const setters = badSetters(pod, containers, isBad);
  return setters ? { reason: 'runAsUser=0', detail: `${setters} must not set runAsUser=0` } : undefined;
};

export const seccompRestricted: Check = (pod) => {
  const wrong = seccompProfile(pod);
  if (wrong || isAllowedSeccomp(pod.spec.securityContext ?? {})) return wrong;
  const silent = containersOf(pod).filter((one) => one.securityContext?.seccompProfile === undefined);
  if (silent.length === 0) return undefined;
  const who = named('container', namesOf(silent));
  const detail = `pod or ${who} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: 'seccompProfile', detail };
};
