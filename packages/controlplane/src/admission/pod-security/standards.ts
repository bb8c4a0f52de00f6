import * as baseline from './baseline.ts';
import type { Check, PodLike, Violation } from './pod.ts';
import type { Standard } from './policy.ts';
import * as restricted from './restricted.ts';

/** A check by the minor versions from which on it is as it is. */
interface Versions {
  readonly id: string;
  readonly checks: readonly (readonly [since: number, check: Check])[];
  /** The check of the baseline that it is in place of. */
  readonly replaces?: string;
}

/** Nothing has changed since. */
const lastChange = 35;

const { unlessOwnUsers } = baseline;
const { unlessWindows } = restricted;

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const sysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const sysctls27 = [...sysctls, 'net.ipv4.ip_local_reserved_ports'];
const sysctls29 = [
  ...sysctls27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const sysctls32 = [...sysctls29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

/** In the order in which violations are told. */
const baselineChecks: readonly Versions[] = [
  { id: 'appArmorProfile', checks: [[0, baseline.appArmorProfile]] },
  { id: 'capabilities_baseline', checks: [[0, baseline.capabilitiesBaseline]] },
  { id: 'hostNamespaces', checks: [[0, baseline.hostNamespaces]] },
  { id: 'hostPathVolumes', checks: [[0, baseline.hostPathVolumes]] },
  { id: 'hostPorts', checks: [[0, baseline.hostPorts]] },
  { id: 'hostProbesAndHostLifecycle', checks: [[34, baseline.hostProbesAndLifecycle]] },
  { id: 'privileged', checks: [[0, baseline.privileged]] },
  {
    id: 'procMount',
    checks: [
      [0, baseline.procMount],
      [35, unlessOwnUsers(baseline.procMount)],
    ],
  },
  {
    id: 'seLinuxOptions',
    checks: [
      [0, baseline.seLinuxOptions(seLinuxTypes)],
      [31, baseline.seLinuxOptions([...seLinuxTypes, 'container_engine_t'])],
    ],
  },
  {
    id: 'seccompProfile_baseline',
    checks: [
      [0, baseline.seccompAnnotations],
      [19, baseline.seccompProfile],
    ],
  },
  {
    id: 'sysctls',
    checks: [
      [0, baseline.sysctls(sysctls)],
      [27, baseline.sysctls(sysctls27)],
      [29, baseline.sysctls(sysctls29)],
      [32, baseline.sysctls(sysctls32)],
    ],
  },
  { id: 'windowsHostProcess', checks: [[0, baseline.windowsHostProcess]] },
];

const restrictedChecks: readonly Versions[] = [
  {
    id: 'allowPrivilegeEscalation',
    checks: [
      [8, restricted.allowPrivilegeEscalation],
      [25, unlessWindows(restricted.allowPrivilegeEscalation)],
    ],
  },
  {
    id: 'capabilities_restricted',
    replaces: 'capabilities_baseline',
    checks: [
      [22, restricted.capabilitiesRestricted],
      [25, unlessWindows(restricted.capabilitiesRestricted)],
    ],
  },
  { id: 'procMount_restricted', replaces: 'procMount', checks: [[35, baseline.procMount]] },
  { id: 'restrictedVolumes', replaces: 'hostPathVolumes', checks: [[0, restricted.restrictedVolumes]] },
  {
    id: 'runAsNonRoot',
    checks: [
      [0, restricted.runAsNonRoot],
      [35, unlessOwnUsers(restricted.runAsNonRoot)],
    ],
  },
  {
    id: 'runAsUser',
    checks: [
      [23, restricted.runAsUser],
      [35, unlessOwnUsers(restricted.runAsUser)],
    ],
  },
  {
    id: 'seccompProfile_restricted',
    replaces: 'seccompProfile_baseline',
    checks: [
      [19, restricted.seccompRestricted],
      [25, unlessWindows(restricted.seccompRestricted)],
    ],
  },
];

/** What the standard has against the pod. */
export function violationsOf({ level, version }: Standard, pod: PodLike): readonly Violation[] {
  if (level === 'privileged') return [];
  const minor = version === 'latest' ? lastChange : Math.min(version, lastChange);
  const strict = level === 'restricted' ? restrictedChecks.filter(({ checks }) => inForce(checks, minor)) : [];
  const replaced = new Set(strict.map(({ replaces }) => replaces));
  const chosen = [...baselineChecks.filter(({ id }) => !replaced.has(id)), ...strict];
  return chosen.flatMap(({ checks }) => inForce(checks, minor)?.(pod) ?? []);
}

function inForce(checks: Versions['checks'], minor: number): Check | undefined {
  return checks.findLast(([since]) => since <= minor)?.[1];
}

/** `privileged (container "a" must not …), hostPort (…)` */
export function detailsOf(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');
}

export function reasonsOf(violations: readonly Violation[]): string {
  return violations.map(({ reason }) => reason).join(', ');
}
