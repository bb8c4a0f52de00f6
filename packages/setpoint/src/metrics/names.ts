/** What families of this framework, and of the process, begin with. */
export const reservedPrefixes = [
  'controller_runtime_',
  'workqueue_',
  'rest_client_',
  'leader_election_',
  'certwatcher_',
  'setpoint_',
  'process_',
  'nodejs_',
] as const;

/** Colons are for rules of Prometheus. @throws Error for a name that cannot be, or is not to be had */
export function checkMetricName(name: string): void {
  const of = `metric ${JSON.stringify(name)}`;
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
    throw new Error(`${of}: use letters, digits and underscores, no digit first`);
  }
  const prefix = reservedPrefixes.find((one) => name.startsWith(one));
  if (prefix)
    throw new Error(`${of}: names that begin with ${prefix} are those of every operator; use one of your own`);
}

/** @throws Error for labels that Prometheus does not take, or keeps for itself */
export function checkLabelNames(metric: string, labels: readonly string[], reserved: readonly string[]): void {
  for (const [index, label] of labels.entries()) {
    const of = `metric ${metric}: label ${JSON.stringify(label)}`;
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) || label.startsWith('__')) {
      throw new Error(`${of}: use letters, digits and underscores, no digit and no two underscores first`);
    }
    if (reserved.includes(label)) throw new Error(`${of} is the histogram's own`);
    if (labels.indexOf(label) !== index) throw new Error(`${of} is there twice`);
  }
}

interface Named {
  readonly type: string;
  readonly name: string;
}

const ofHistogram = ['_bucket', '_sum', '_count'];

/** @throws Error for two different metrics that would have series of one name; the same one may stand there twice */
export function checkDistinct(metrics: readonly Named[]): void {
  const taken = new Map<string, Named>();
  for (const metric of metrics) {
    const own = metric.type === 'histogram' ? ['', ...ofHistogram] : [''];
    for (const suffix of own) {
      const other = taken.get(`${metric.name}${suffix}`);
      if (other && other !== metric) {
        throw new Error(
          other.name === metric.name
            ? `two metrics are named ${metric.name}: declare it once, and use that one in both places`
            : `the metrics ${other.name} and ${metric.name} would have series of one name: rename one of them`,
        );
      }
      taken.set(`${metric.name}${suffix}`, metric);
    }
  }
}
