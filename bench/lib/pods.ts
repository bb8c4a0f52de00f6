/** A Pod as a cluster stores it: about 7 KB of JSON, a third of it managed fields. */
export function pod(i: number): object {
  const env = Array.from({ length: 28 }, (_, k) => ({
    name: `SETTING_NUMBER_${k}`,
    value: `value-of-setting-${k}-${i % 50}`,
  }));
  const probe = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
  const container = (name: string) => ({
    name,
    image: `registry.example.com/team/${name}:${i % 20}`,
    command: [`/bin/${name}`, '--serve'],
    env,
    ports: [{ containerPort: 8080, protocol: 'TCP', name: 'http' }],
    resources: { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
    volumeMounts: [{ name: 'token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }],
    livenessProbe: { httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' }, ...probe },
    readinessProbe: { httpGet: { path: '/readyz', port: 8080, scheme: 'HTTP' }, ...probe },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
  });
  const fields = Object.fromEntries(Array.from({ length: 70 }, (_, k) => [`f:field-${k}`, { '.': {}, 'f:inner': {} }]));
  const condition = (type: string) => ({
    type,
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `web-${((i * 2654435761) % 2 ** 32).toString(36)}-${i}`,
      generateName: 'web-5d8f7c9b6-',
      namespace: `team-${i % 40}`,
      uid: `3f0c6e1a-0000-4b7e-9c55-${i.toString(16).padStart(12, '0')}`,
      resourceVersion: String(100_000 + i),
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { app: `web-${i % 200}`, 'app.kubernetes.io/name': 'web', 'pod-template-hash': '5d8f7c9b6' },
      annotations: { 'prometheus.io/scrape': 'true', 'checksum/config': 'ab'.repeat(32) },
      managedFields: [
        {
          manager: 'kube-controller-manager',
          operation: 'Update',
          apiVersion: 'v1',
          time: '2026-01-01T00:00:00Z',
          fieldsType: 'FieldsV1',
          fieldsV1: fields,
        },
      ],
    },
    spec: {
      containers: [container('app')],
      volumes: [
        {
          name: 'token',
          projected: {
            defaultMode: 420,
            sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3607 } }],
          },
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      nodeName: `node-${i % 300}`,
      schedulerName: 'default-scheduler',
      priority: 0,
    },
    status: {
      phase: 'Running',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(condition),
      hostIP: `10.0.${i % 250}.1`,
      podIP: `10.1.${i % 250}.${i >> 8}`,
      startTime: '2026-01-01T00:00:00Z',
      containerStatuses: [
        {
          name: 'app',
          ready: true,
          restartCount: 0,
          image: 'app',
          imageID: `sha256:${'ab'.repeat(32)}`,
          started: true,
        },
      ],
    },
  };
}
