import { type ScenarioServer, scenario } from '../scenario.ts';

const area = 'pod security';

const label = (mode: string) => `pod-security.kubernetes.io/${mode}`;

function inNamespace(server: ScenarioServer, plural: string): string {
  return `/api/v1/namespaces/${server.namespace}/${plural}`;
}

function pod(name: string, container: object = {}, spec: object = {}): object {
  return { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i', ...container }], ...spec } };
}

const secured = (securityContext: object) => ({ securityContext });

/** A privileged container is refused by the real server before, unless it is started to allow them. */
const daring = { capabilities: { add: ['NET_ADMIN'] } };

const good = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

/** Sets labels of the namespace, and waits until a pod on the host's network is judged by them. */
async function labelled(server: ScenarioServer, labels: Record<string, string>, wanted: 'refused' | 'warned') {
  const path = `/api/v1/namespaces/${server.namespace}`;
  await server.patch(path, 'merge', { metadata: { labels } }, { unrecorded: true });
  const probe = pod('probe', secured(daring), { hostNetwork: true });
  for (let attempt = 0; attempt < 600; attempt++) {
    const answer = await server.post(`${inNamespace(server, 'pods')}?dryRun=All`, probe, { unrecorded: true });
    if (wanted === 'refused' ? answer.status === 403 : answer.headers.warning !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const container = (name: string, more: object) => ({ name, image: 'i', ...more });

/** Each violates something of the baseline. */
const loose: Record<string, object> = {
  capabilities: pod('p', secured({ capabilities: { add: ['NET_ADMIN', 'CHOWN', 'ALL'] } })),
  host: pod('p', {}, { hostNetwork: true, hostPID: true, hostIPC: true }),
  volumes: pod(
    'p',
    {},
    {
      volumes: [
        { name: 'a', hostPath: { path: '/a' } },
        { name: 'b', hostPath: { path: '/b' } },
      ],
    },
  ),
  ports: pod('p', {
    ports: [
      { containerPort: 1, hostPort: 80 },
      { containerPort: 2, hostPort: 443 },
    ],
  }),
  probes: pod('p', {
    livenessProbe: { httpGet: { host: 'a', port: 1 } },
    lifecycle: { preStop: { httpGet: { host: 'b', port: 1 } } },
  }),
  mine: pod('p', secured({ procMount: 'Unmasked' }), { hostUsers: false }),
  selinux: pod('p', secured({ seLinuxOptions: { type: 'spc_t', user: 'u', role: 'r' } }), {
    securityContext: { seLinuxOptions: { type: 'other_t' } },
  }),
  seccomp: pod('p', secured({ seccompProfile: { type: 'Unconfined' } }), {
    securityContext: { seccompProfile: { type: 'Unconfined' } },
  }),
  apparmor: pod('p', secured({ appArmorProfile: { type: 'Unconfined' } })),
  sysctls: pod(
    'p',
    {},
    {
      securityContext: {
        sysctls: [
          { name: 'net.core.somaxconn', value: '1' },
          { name: 'kernel.msgmax', value: '1' },
        ],
      },
    },
  ),
  safe: pod('p', {}, { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem', value: '1' }] } }),
  several: pod('p', secured(daring), {
    hostNetwork: true,
    initContainers: [container('a', secured(daring)), container('b', { ports: [{ containerPort: 3, hostPort: 3 }] })],
  }),
};

/** Each violates something that only the restricted standard is about. */
const strict: Record<string, object> = {
  nothing: pod('p'),
  good: pod('p', secured(good)),
  escalation: pod('p', secured({ ...good, allowPrivilegeEscalation: true })),
  capabilities: pod('p', secured({ ...good, capabilities: { drop: ['NET_RAW'], add: ['NET_BIND_SERVICE', 'CHOWN'] } })),
  root: pod('p', secured({ ...good, runAsNonRoot: false, runAsUser: 0 }), { securityContext: { runAsUser: 0 } }),
  silent: pod('p', secured({ ...good, runAsNonRoot: undefined }), { initContainers: [container('a', {})] }),
  volumes: pod('p', secured(good), {
    volumes: [
      { name: 'a', hostPath: { path: '/a' } },
      { name: 'b', emptyDir: {} },
      { name: 'c', nfs: { server: 's', path: '/' } },
    ],
  }),
  seccomp: pod('p', secured({ ...good, seccompProfile: { type: 'Unconfined' } })),
  windows: pod('p', secured({ runAsNonRoot: true }), { os: { name: 'windows' } }),
  users: pod('p', secured({ ...good, runAsNonRoot: false, runAsUser: 0 }), { hostUsers: false }),
};

export const podSecurity = [
  scenario(area, 'the baseline is enforced', async (server) => {
    await labelled(server, { [label('enforce')]: 'baseline' }, 'refused');
    for (const body of Object.values(loose)) await server.post(`${inNamespace(server, 'pods')}?dryRun=All`, body);
  }),
  scenario(area, 'the restricted standard is enforced', async (server) => {
    await labelled(server, { [label('enforce')]: 'restricted' }, 'refused');
    const pods = `${inNamespace(server, 'pods')}?dryRun=All`;
    for (const body of [...Object.values(strict), ...Object.values(loose)]) await server.post(pods, body);
  }),
  scenario(area, 'standards of earlier versions', async (server) => {
    const pods = `${inNamespace(server, 'pods')}?dryRun=All`;
    for (const version of ['v1.0', 'v1.19', 'v1.24', 'v1.30', 'v1.34', 'v1.99']) {
      const levels = { [label('enforce')]: 'baseline', [label('warn')]: 'restricted' };
      await labelled(
        server,
        { ...levels, [label('enforce-version')]: version, [label('warn-version')]: version },
        'refused',
      );
      await new Promise((resolve) => setTimeout(resolve, 300));
      const { nothing, silent, users, windows } = strict;
      const { safe, probes, mine, seccomp } = loose;
      for (const body of [nothing, silent, users, windows, safe, probes, mine, seccomp]) await server.post(pods, body);
    }
  }),
  scenario(area, 'templates are warned of', async (server) => {
    await labelled(server, { [label('enforce')]: 'baseline', [label('warn')]: 'restricted' }, 'refused');
    const labels = { a: 'b' };
    const { spec } = pod('p', secured(daring)) as { spec: object };
    const template = { metadata: { labels }, spec };
    const apps = `/apis/apps/v1/namespaces/${server.namespace}`;
    const batch = `/apis/batch/v1/namespaces/${server.namespace}`;
    const selecting = { selector: { matchLabels: labels }, template };
    const metadata = { name: 'a' };
    await server.post(`${apps}/deployments`, { metadata, spec: selecting });
    await server.patch(`${apps}/deployments/a`, 'merge', { metadata: { annotations: { a: 'b' } } });
    await server.patch(`${apps}/deployments/a/status`, 'merge', { status: { observedGeneration: 1 } });
    await server.post(`${apps}/replicasets`, { metadata, spec: selecting });
    await server.post(`${apps}/statefulsets`, { metadata, spec: { ...selecting, serviceName: 's' } });
    await server.post(`${apps}/daemonsets`, { metadata, spec: selecting });
    const job = { template: { ...template, spec: { ...spec, restartPolicy: 'Never' } } };
    await server.post(`${batch}/jobs`, { metadata: { ...metadata, labels }, spec: job });
    await server.post(`${batch}/cronjobs`, { metadata, spec: { schedule: '* * * * *', jobTemplate: { spec: job } } });
    await server.post(inNamespace(server, 'podtemplates'), { metadata, template });
    await server.post(inNamespace(server, 'replicationcontrollers'), {
      metadata,
      spec: { selector: labels, template },
    });
    await server.post(inNamespace(server, 'replicationcontrollers'), {
      metadata: { name: 'b' },
      spec: { selector: labels },
    });
  }),
  scenario(area, 'a pod that is there may be changed, but gets no other image', async (server) => {
    const pods = inNamespace(server, 'pods');
    await server.post(pods, pod('a', secured(daring)));
    await labelled(server, { [label('enforce')]: 'baseline' }, 'refused');
    await server.patch(`${pods}/a`, 'merge', { metadata: { labels: { a: 'b' } } });
    await server.patch(`${pods}/a`, 'strategic', { spec: { containers: [{ name: 'c', image: 'j' }] } });
    await server.patch(`${pods}/a/status`, 'merge', { status: { phase: 'Running' } });
  }),
  scenario(area, 'whoever makes a namespace stricter hears of pods that are too loose', async (server) => {
    const path = `/api/v1/namespaces/${server.namespace}`;
    const pods = inNamespace(server, 'pods');
    for (const name of ['b', 'a', 'c']) await server.post(pods, pod(name, secured(daring)), { unrecorded: true });
    await server.post(pods, pod('d', {}, { hostNetwork: true }), { unrecorded: true });
    await server.post(pods, pod('e', secured(good)), { unrecorded: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const enforce = (labels: object) => server.patch(path, 'merge', { metadata: { labels } });
    await enforce({ [label('enforce')]: 'baseline' });
    await enforce({ [label('enforce')]: 'restricted' });
    await enforce({ [label('enforce')]: 'baseline' });
    await enforce({ [label('enforce-version')]: 'v1.20' });
    await enforce({ [label('enforce')]: 'privileged' });
  }),
  scenario(area, 'labels that say nothing are refused', async (server) => {
    const name = `${server.unique}-labels`;
    const wrong = { [label('enforce')]: 'strict', [label('warn-version')]: '1.2', [label('audit')]: '' };
    await server.post('/api/v1/namespaces', { metadata: { name, labels: wrong } });
    await server.post('/api/v1/namespaces', { metadata: { name: server.namespace, labels: wrong } });
    const path = `/api/v1/namespaces/${server.namespace}`;
    await server.patch(path, 'merge', { metadata: { labels: { [label('warn')]: 'all' } } });
    await server.patch(path, 'merge', { metadata: { labels: { [label('audit-version')]: 'v1.01' } } });
  }),
];
