import { goQuote } from '@setpoint/apimachinery/errors';
import {
  badSetters,
  type Check,
  type Container,
  containersOf,
  type Handler,
  named,
  namesOf,
  type PodLike,
  plural,
  quoted,
  type SecurityContext,
  sorted,
} from './pod.ts';

const appArmorAnnotation = 'container.apparmor.security.beta.kubernetes.io/';

export const appArmorProfile: Check = (pod) => {
  const typeOf = ({ appArmorProfile: profile }: SecurityContext) => (profile ? (profile.type ?? '') : undefined);
  const isBad = (of: SecurityContext) => !['RuntimeDefault', 'Localhost', undefined].includes(typeOf(of));
  const containers = containersOf(pod).filter((one) => isBad(one.securityContext ?? {}));
  const contexts = [pod.spec.securityContext ?? {}, ...containers.map((one) => one.securityContext ?? {})];
  const values = sorted(contexts.filter(isBad).map((of) => typeOf(of) ?? ''));
  const annotations = Object.entries(pod.metadata?.annotations ?? {})
    .filter(([key, value]) => key.startsWith(appArmorAnnotation) && !isAllowedAppArmor(value))
    .map(([key, value]) => `${key}=${goQuote(value)}`)
    .sort();
  const setters = badSetters(pod, containers, isBad);
  const who = [
    ...(setters ? [setters] : []),
    ...(annotations.length > 0 ? [plural('annotation', annotations.length)] : []),
  ];
  if (who.length === 0) return undefined;
  const all = [...values, ...annotations];
  const detail = `${who.join(' and ')} must not set AppArmor profile type to ${quoted(all)}`;
  return { reason: plural('forbidden AppArmor profile', all.length), detail };
};

function isAllowedAppArmor(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/');
}

const defaultCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

export const capabilitiesBaseline: Check = (pod) => {
  const others = (one: Container) =>
    (one.securityContext?.capabilities?.add ?? []).filter((each) => !defaultCapabilities.has(each));
  const containers = containersOf(pod).filter((one) => others(one).length > 0);
  if (containers.length === 0) return undefined;
  const added = quoted(sorted(containers.flatMap(others)));
  const detail = `${named('container', namesOf(containers))} must not include ${added} in securityContext.capabilities.add`;
  return { reason: 'non-default capabilities', detail };
};

export const hostNamespaces: Check = ({ spec }) => {
  const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name]);
  if (used.length === 0) return undefined;
  return { reason: 'host namespaces', detail: used.map((name) => `${name}=true`).join(', ') };
};

export const hostPathVolumes: Check = ({ spec }) => {
  const volumes = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name);
  return volumes.length === 0 ? undefined : { reason: 'hostPath volumes', detail: named('volume', volumes) };
};

export const hostPorts: Check = (pod) => {
  const portsOf = ({ ports = [] }: Container) => ports.flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : []));
  const containers = containersOf(pod).filter((one) => portsOf(one).length > 0);
  if (containers.length === 0) return undefined;
  const ports = sorted(containers.flatMap(portsOf));
  const use = containers.length === 1 ? 'uses' : 'use';
  const detail = `${named('container', namesOf(containers))} ${use} ${plural('hostPort', ports.length)} ${ports.join(', ')}`;
  return { reason: 'hostPort', detail };
};

export const hostProbesAndLifecycle: Check = (pod) => {
  const containers = containersOf(pod).filter((one) => hostsOf(one).length > 0);
  if (containers.length === 0) return undefined;
  const names = sorted(namesOf(containers));
  const hosts = sorted(containers.flatMap(hostsOf));
  const use = names.length === 1 ? 'uses' : 'use';
  const what = plural('probe or lifecycle host', hosts.length);
  return { reason: 'probe or lifecycle host', detail: `${named('container', names)} ${use} ${what} ${quoted(hosts)}` };
};

function hostsOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container): string[] {
  const handlers: (Handler | undefined)[] = [
    livenessProbe,
    readinessProbe,
    startupProbe,
    lifecycle?.postStart,
    lifecycle?.preStop,
  ];
  return handlers.flatMap((one) => [one?.httpGet?.host, one?.tcpSocket?.host].flatMap((host) => host || []));
}

export const privileged: Check = (pod) => {
  const containers = containersOf(pod).filter((one) => one.securityContext?.privileged);
  if (containers.length === 0) return undefined;
  const detail = `${named('container', namesOf(containers))} must not set securityContext.privileged=true`;
  return { reason: 'privileged', detail };
};

export const procMount: Check = (pod) => {
  const isOther = ({ securityContext }: Container) => (securityContext?.procMount ?? 'Default') !== 'Default';
  const containers = containersOf(pod).filter(isOther);
  if (containers.length === 0) return undefined;
  const values = quoted(sorted(containers.map((one) => one.securityContext?.procMount ?? '')));
  const detail = `${named('container', namesOf(containers))} must not set securityContext.procMount to ${values}`;
  return { reason: 'procMount', detail };
};

/** What may be loosened for a pod with users of its own. */
export function unlessOwnUsers(check: Check): Check {
  return (pod) => (pod.spec.hostUsers === false ? undefined : check(pod));
}

export function seLinuxOptions(types: readonly string[]): Check {
  return (pod) => {
    const isBad = ({ seLinuxOptions: options }: SecurityContext) =>
      options !== undefined && (!types.includes(options.type ?? '') || Boolean(options.user) || Boolean(options.role));
    const containers = containersOf(pod).filter((one) => isBad(one.securityContext ?? {}));
    const setters = badSetters(pod, containers, isBad);
    if (!setters) return undefined;
    const all = [pod.spec, ...containers].map((one) => one.securityContext?.seLinuxOptions ?? {});
    const wrong = sorted(all.map(({ type = '' }) => type).filter((type) => !types.includes(type)));
    const data = [
      ...(wrong.length > 0 ? [named('type', wrong)] : []),
      ...(all.some(({ user }) => user) ? ['user may not be set'] : []),
      ...(all.some(({ role }) => role) ? ['role may not be set'] : []),
    ];
    const detail = `${setters} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}`;
    return { reason: 'seLinuxOptions', detail };
  };
}

export function isAllowedSeccomp({ seccompProfile }: SecurityContext): boolean {
  return seccompProfile?.type === 'RuntimeDefault' || seccompProfile?.type === 'Localhost';
}

export const seccompProfile: Check = (pod) => {
  const isBad = (of: SecurityContext) => of.seccompProfile !== undefined && !isAllowedSeccomp(of);
  const containers = containersOf(pod).filter((one) => isBad(one.securityContext ?? {}));
  const setters = badSetters(pod, containers, isBad);
  if (!setters) return undefined;
  const contexts = [pod.spec, ...containers].map((one) => one.securityContext ?? {}).filter(isBad);
  const values = quoted(sorted(contexts.map((of) => of.seccompProfile?.type ?? '')));
  return {
    reason: 'seccompProfile',
    detail: `${setters} must not set securityContext.seccompProfile.type to ${values}`,
  };
};

const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainer = 'container.seccomp.security.alpha.kubernetes.io/';

/** Before there was a field for it. */
export const seccompAnnotations: Check = (pod: PodLike) => {
  const annotations = pod.metadata?.annotations ?? {};
  const keys = [seccompPod, ...containersOf(pod).map(({ name }) => `${seccompContainer}${name}`)];
  const wrong = keys.flatMap((key) => {
    const value = annotations[key];
    return value === undefined || isAllowedAnnotation(value) ? [] : [`${key}=${goQuote(value)}`];
  });
  if (wrong.length === 0) return undefined;
  const found = sorted(wrong);
  return { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', found.length)} ${found.join(', ')}` };
};

function isAllowedAnnotation(value: string): boolean {
  return value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');
}

export function sysctls(allowed: readonly string[]): Check {
  return ({ spec }) => {
    const used = (spec.securityContext?.sysctls ?? []).map(({ name }) => name);
    const forbidden = used.filter((name) => !allowed.includes(name));
    return forbidden.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: forbidden.join(', ') };
  };
}

export const windowsHostProcess: Check = (pod) => {
  const isBad = ({ windowsOptions }: SecurityContext) => windowsOptions?.hostProcess === true;
  const containers = containersOf(pod).filter((one) => isBad(one.securityContext ?? {}));
  const setters = badSetters(pod, containers, isBad);
  if (!setters) return undefined;
  return { reason: 'hostProcess', detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true` };
};
