/** As much of a pod, or of the template of one, as the standards are about. */
export interface PodLike {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

export interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly ephemeralContainers?: readonly Container[];
  readonly volumes?: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[];
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly hostUsers?: boolean;
  readonly os?: { readonly name: string };
  readonly securityContext?: SecurityContext & {
    readonly sysctls?: readonly { readonly name: string }[];
  };
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly ports?: readonly { readonly hostPort?: number }[];
  readonly securityContext?: SecurityContext;
  readonly livenessProbe?: Handler;
  readonly readinessProbe?: Handler;
  readonly startupProbe?: Handler;
  readonly lifecycle?: { readonly postStart?: Handler; readonly preStop?: Handler };
}

export interface Handler {
  readonly httpGet?: { readonly host?: string };
  readonly tcpSocket?: { readonly host?: string };
}

export interface SecurityContext {
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly procMount?: string;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly appArmorProfile?: { readonly type?: string };
  readonly seccompProfile?: { readonly type?: string };
  readonly seLinuxOptions?: { readonly type?: string; readonly user?: string; readonly role?: string };
  readonly windowsOptions?: { readonly hostProcess?: boolean };
}

/** What is wrong, in the words of the real server. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

export type Check = (pod: PodLike) => Violation | undefined;

/** In the order in which the real server looks at them. */
export function containersOf({ spec }: PodLike): readonly Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}

export function quoted(items: Iterable<string>): string {
  return `"${[...items].join('", "')}"`;
}

export function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}

/** `containers "a", "b"` */
export function named(word: string, items: readonly string[]): string {
  return `${plural(word, items.length)} ${quoted(items)}`;
}

/** Values without repetition, in order. */
export function sorted(values: Iterable<string>): string[] {
  return [...new Set(values)].sort();
}

/** Who of a pod and its containers says something wrong: `pod and container "a"`; undefined: nobody. */
export function badSetters({ spec }: PodLike, bad: readonly Container[], isBad: (of: SecurityContext) => boolean) {
  const setters = spec.securityContext && isBad(spec.securityContext) ? ['pod'] : [];
  if (bad.length > 0) setters.push(named('container', namesOf(bad)));
  return setters.length > 0 ? setters.join(' and ') : undefined;
}

export function namesOf(containers: readonly Container[]): string[] {
  return containers.map(({ name }) => name);
}
