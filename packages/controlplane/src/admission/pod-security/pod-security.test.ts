import { expect, test } from 'vitest';
import { containersOf, type PodSpec } from './pod.ts';
import { formatStandard, policyOf } from './policy.ts';
import { detailsOf, violationsOf } from './standards.ts';

const detail = (
  level: 'baseline' | 'restricted',
  spec: PodSpec,
  version: number | 'latest' = 'latest',
  annotations = {},
) => detailsOf(violationsOf({ level, version }, { metadata: { annotations }, spec }));

const good = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

test('containers of all kinds are looked at, those that begin first', () => {
  const spec = {
    containers: [{ name: 'a', securityContext: { privileged: true } }],
    initContainers: [{ name: 'b', securityContext: { privileged: true } }],
    ephemeralContainers: [{ name: 'c', securityContext: { privileged: true } }],
  };
  expect(containersOf({ spec }).map(({ name }) => name)).toEqual(['b', 'a', 'c']);
  expect(detail('baseline', spec)).toBe(
    'privileged (containers "b", "a", "c" must not set securityContext.privileged=true)',
  );
});

test('what is restricted takes the place of what the baseline says of the same thing', () => {
  const spec = {
    containers: [{ name: 'a', securityContext: good }],
    volumes: [{ name: 'v', hostPath: { path: '/' } }],
  };
  expect(detail('baseline', spec)).toBe('hostPath volumes (volume "v")');
  expect(detail('restricted', spec)).toBe(
    'restricted volume types (volume "v" uses restricted volume type "hostPath")',
  );
});

test('a version is judged as it was, and one that is yet to come as the newest', () => {
  const spec = { containers: [{ name: 'a' }], securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem' }] } };
  expect(detail('baseline', spec, 31)).toBe('forbidden sysctls (net.ipv4.tcp_rmem)');
  expect(detail('baseline', spec, 99)).toBe('');
  expect(detail('restricted', { containers: [{ name: 'a' }] }, 0)).toBe(
    'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)',
  );
});

test('profiles that were annotations once are judged as annotations', () => {
  const annotations = {
    'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
    'container.apparmor.security.beta.kubernetes.io/a': 'unconfined',
  };
  const spec = { containers: [{ name: 'a' }] };
  expect(detail('baseline', spec, 18, annotations)).toBe(
    'forbidden AppArmor profile (annotation must not set AppArmor profile type to ' +
      '"container.apparmor.security.beta.kubernetes.io/a="unconfined""), ' +
      'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
  );
});

test('a label that says nothing enforces the most and audits nothing', () => {
  const prefix = 'pod-security.kubernetes.io/';
  const { policy, errors } = policyOf({
    [`${prefix}enforce`]: 'x',
    [`${prefix}audit`]: 'y',
    [`${prefix}audit-version`]: '1',
  });
  expect(Object.values(policy).map(formatStandard)).toEqual([
    'restricted:latest',
    'privileged:latest',
    'privileged:latest',
  ]);
  expect(errors).toHaveLength(3);
});

test('what is enforced is warned of, unless something else is said', () => {
  const prefix = 'pod-security.kubernetes.io/';
  const enforce = { [`${prefix}enforce`]: 'baseline', [`${prefix}enforce-version`]: 'v1.20' };
  expect(formatStandard(policyOf(enforce).policy.warn)).toBe('baseline:v1.20');
  expect(formatStandard(policyOf({ ...enforce, [`${prefix}warn`]: 'privileged' }).policy.warn)).toBe(
    'privileged:latest',
  );
});
