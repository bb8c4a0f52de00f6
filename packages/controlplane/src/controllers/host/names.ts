/** What kube-controller-manager also calls its controllers, by the names that it gives them now. */
const aliases: Readonly<Record<string, string>> = {
  'serviceaccount-token': 'serviceaccount-token-controller',
  endpoint: 'endpoints-controller',
  endpointslice: 'endpointslice-controller',
  endpointslicemirroring: 'endpointslice-mirroring-controller',
  replicationcontroller: 'replicationcontroller-controller',
  podgc: 'pod-garbage-collector-controller',
  resourcequota: 'resourcequota-controller',
  namespace: 'namespace-controller',
  serviceaccount: 'serviceaccount-controller',
  garbagecollector: 'garbage-collector-controller',
  daemonset: 'daemonset-controller',
  job: 'job-controller',
  deployment: 'deployment-controller',
  replicaset: 'replicaset-controller',
  horizontalpodautoscaling: 'horizontal-pod-autoscaler-controller',
  disruption: 'disruption-controller',
  statefulset: 'statefulset-controller',
  cronjob: 'cronjob-controller',
  'persistentvolume-binder': 'persistentvolume-binder-controller',
  'pvc-protection': 'persistentvolumeclaim-protection-controller',
  'pv-protection': 'persistentvolume-protection-controller',
  'ttl-after-finished': 'ttl-after-finished-controller',
  'root-ca-cert-publisher': 'root-ca-certificate-publisher-controller',
  'clusterrole-aggregation': 'clusterrole-aggregation-controller',
};

/**
 * Which controllers a list switches on, as `--controllers` of kube-controller-manager has it: `*` is all of them, `foo`
 * is that one, `-foo` is not that one, and what is not named does not run. An empty list is none.
 *
 * @throws TypeError naming an entry that is no controller, with those that there are
 */
export function enabledControllers(list: readonly string[], known: readonly string[]): ReadonlySet<string> {
  const named = new Map<string, boolean>();
  let all = false;
  for (const entry of list) {
    if (entry === '*') {
      all = true;
      continue;
    }
    const on = !entry.startsWith('-');
    const given = on ? entry : entry.slice(1);
    const name = aliases[given] ?? given;
    if (!known.includes(name)) {
      throw new TypeError(`there is no controller '${given}'; there are: *, ${[...known].sort().join(', ')}`);
    }
    // The first word about a controller counts.
    if (!named.has(name)) named.set(name, on);
  }
  return new Set(known.filter((name) => named.get(name) ?? all));
}
