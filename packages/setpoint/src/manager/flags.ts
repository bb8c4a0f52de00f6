import { type Duration, parseGoDuration, toMilliseconds } from '@setpoint/apimachinery/duration';
import { dns1123Label } from '@setpoint/apimachinery/names';
import type { WebhookServingOptions } from '../webhook/index.ts';
import { parseBindAddress } from './address.ts';
import { requireLoopback } from './debug/index.ts';
import { electionTiming, type LeaderElectionOptions } from './leader-election/index.ts';
import type { MetricsServingOptions } from './metrics-serving.ts';

export interface Flags {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Kubeconfigs of further clusters, by name. */
  readonly clusters: Readonly<Record<string, { readonly kubeconfig: string; readonly context: string | undefined }>>;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly metricsBindAddress: string;
  readonly healthProbeBindAddress: string;
  readonly metrics: MetricsServingOptions;
  readonly debugBindAddress: string;
  readonly webhooks: WebhookServingOptions;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat: 'auto' | 'json' | 'pretty';
  /** Milliseconds; 0 waits for nothing, negative for ever. */
  readonly gracefulShutdownTimeout: number;
  readonly uncaughtErrors: 'continue' | 'exit';
  /** Undefined: no election. */
  readonly leaderElection: LeaderElectionOptions | undefined;
}

/** The command line makes no sense; the message is one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

interface Flag {
  readonly name: string;
  readonly value: string;
  readonly default: string;
  readonly help: string;
}

const flags: readonly Flag[] = [
  {
    name: 'kubeconfig',
    value: 'FILE',
    default: '',
    help: 'kubeconfig file; else KUBECONFIG, the service account, ~/.kube/config',
  },
  {
    name: 'clusters',
    value: 'LIST',
    default: '',
    help: 'further clusters: NAME=KUBECONFIG or NAME=KUBECONFIG#CONTEXT, separated by commas',
  },
  { name: 'context', value: 'NAME', default: '', help: 'context of the kubeconfig' },
  {
    name: 'namespace',
    value: 'NAMES',
    default: '',
    help: 'watch only these namespaces, separated by commas; else those of WATCH_NAMESPACE, else all',
  },
  {
    name: 'metrics-bind-address',
    value: 'ADDRESS',
    default: '127.0.0.1:8080',
    help: 'address of /metrics; :8080 is every interface, 0 is off',
  },
  {
    name: 'health-probe-bind-address',
    value: 'ADDRESS',
    default: '127.0.0.1:8081',
    help: 'address of /healthz and /readyz; 0 is off',
  },
  {
    name: 'metrics-secure',
    value: 'BOOLEAN',
    default: 'false',
    help: 'metrics over HTTPS, for those who may read them',
  },
  {
    name: 'metrics-cert-path',
    value: 'FOLDER',
    default: '',
    help: 'folder of the certificate of metrics; without it the process makes one for itself',
  },
  { name: 'metrics-cert-name', value: 'FILE', default: 'tls.crt', help: 'file of the certificate in that folder' },
  { name: 'metrics-cert-key', value: 'FILE', default: 'tls.key', help: 'file of its key in that folder' },
  {
    name: 'debug-bind-address',
    value: 'ADDRESS',
    default: '0',
    help: 'loopback address of /debug: profiles, heap snapshots, queues; 0 is off',
  },
  {
    name: 'webhook-bind-address',
    value: 'ADDRESS',
    default: '127.0.0.1:9443',
    help: 'address of the webhooks, if there are any; 0 is off',
  },
  { name: 'webhook-port', value: 'PORT', default: '', help: 'port of the webhooks, on every interface' },
  {
    name: 'webhook-cert-dir',
    value: 'FOLDER',
    default: '',
    help: 'folder of their certificate; without it the operator makes its own',
  },
  { name: 'webhook-cert-name', value: 'FILE', default: 'tls.crt', help: 'file of the certificate in that folder' },
  { name: 'webhook-cert-key', value: 'FILE', default: 'tls.key', help: 'file of its key in that folder' },
  {
    name: 'webhook-client-ca',
    value: 'FILE',
    default: '',
    help: 'authorities of client certificates; without it whoever reaches webhooks is answered',
  },
  {
    name: 'leader-elect',
    value: 'BOOLEAN',
    default: 'false',
    help: 'work only while this replica holds the Lease',
  },
  {
    name: 'leader-elect-lease-duration',
    value: 'DURATION',
    default: '15s',
    help: 'how long others wait after the last renewal that they saw',
  },
  {
    name: 'leader-elect-renew-deadline',
    value: 'DURATION',
    default: '10s',
    help: 'how long the leader tries to renew before it gives up',
  },
  { name: 'leader-elect-retry-period', value: 'DURATION', default: '2s', help: 'between two attempts' },
  { name: 'leader-election-id', value: 'NAME', default: '', help: 'name of the Lease; else <operator>-leader' },
  {
    name: 'leader-election-namespace',
    value: 'NAME',
    default: '',
    help: 'namespace of the Lease; else that of the Pod',
  },
  { name: 'log-level', value: 'LEVEL', default: 'info', help: 'debug, info, warn or error' },
  { name: 'log-format', value: 'FORMAT', default: 'auto', help: 'json, pretty, or auto: pretty on a terminal' },
  {
    name: 'graceful-shutdown-timeout',
    value: 'DURATION',
    default: '30s',
    help: 'how long passes may take to finish; 0 is not at all',
  },
  {
    name: 'uncaught-errors',
    value: 'WHAT',
    default: 'continue',
    help: 'continue or exit, when code of a controller throws where nobody catches it',
  },
];

/**
 * Reads the flags of an operator: `--name value`, `--name=value`, `-name` as Go has it. `help` if that was asked for.
 * `WATCH_NAMESPACE` of the environment counts where `--namespace` is not given, as OLM and operator-sdk have it.
 *
 * @throws UsageError
 */
export function parseFlags(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
): Flags | 'help' {
  const given = new Map<string, string>();
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string;
    if (argument === '--help' || argument === '-h') return 'help';
    const match = /^--?([a-z][a-z-]*)(?:=(.*))?$/s.exec(argument);
    const flag = flags.find(({ name }) => name === match?.[1]);
    if (!match || !flag) throw new UsageError(`unknown flag ${argument}; --help lists what there is`);
    const next = argv[i + 1];
    if (match[2] !== undefined) given.set(flag.name, match[2]);
    else if (flag.value === 'BOOLEAN') given.set(flag.name, 'true');
    else if (next === undefined) throw new UsageError(`--${flag.name} needs a value (${flag.value})`);
    else {
      given.set(flag.name, next);
      i++;
    }
  }
  const watched = environment.WATCH_NAMESPACE;
  if (watched !== undefined && !given.has('namespace')) given.set('namespace', watched);
  return interpret((name) => given.get(name) ?? (flags.find((flag) => flag.name === name) as Flag).default);
}

function interpret(value: (name: string) => string): Flags {
  const address = (name: string) => {
    try {
      parseBindAddress(value(name));
    } catch (error) {
      throw new UsageError(`--${name}: ${(error as Error).message}`);
    }
    return value(name);
  };
  return {
    kubeconfig: value('kubeconfig') || undefined,
    context: value('context') || undefined,
    clusters: clusterFiles(value('clusters')),
    namespaces: namespaceNames(value('namespace')),
    metricsBindAddress: address('metrics-bind-address'),
    healthProbeBindAddress: address('health-probe-bind-address'),
    metrics: metricsFlags(value),
    debugBindAddress: debugAddress(address),
    webhooks: webhookFlags(value, address),
    logLevel: oneOf('log-level', value('log-level'), ['debug', 'info', 'warn', 'error']),
    logFormat: oneOf('log-format', value('log-format'), ['auto', 'json', 'pretty']),
    gracefulShutdownTimeout: duration('graceful-shutdown-timeout', value('graceful-shutdown-timeout')),
    uncaughtErrors: oneOf('uncaught-errors', value('uncaught-errors'), ['continue', 'exit']),
    leaderElection: isTrue('leader-elect', value('leader-elect')) ? leaderElection(value) : undefined,
  };
}

function clusterFiles(list: string): Flags['clusters'] {
  const entries = list.split(',').filter((entry) => entry.trim() !== '');
  return Object.fromEntries(
    entries.map((entry) => {
      const match = /^\s*([a-z0-9]([-a-z0-9]*[a-z0-9])?)=([^#]+)(?:#(.+))?$/.exec(entry);
      if (!match) throw new UsageError(`--clusters: ${JSON.stringify(entry)} is not NAME=KUBECONFIG`);
      return [match[1], { kubeconfig: match[3] as string, context: match[4] }];
    }),
  );
}

function namespaceNames(list: string): readonly string[] {
  const names = list.split(',').map((name) => name.trim());
  const found = [...new Set(names.filter((name) => name !== ''))];
  const odd = found.find((name) => dns1123Label(name).length > 0);
  if (odd !== undefined) throw new UsageError(`--namespace (WATCH_NAMESPACE): ${JSON.stringify(odd)} is no namespace`);
  return found;
}

function leaderElection(value: (name: string) => string): LeaderElectionOptions {
  const time = (name: string) => duration(name, value(name));
  const options = {
    leaseDuration: time('leader-elect-lease-duration'),
    renewDeadline: time('leader-elect-renew-deadline'),
    retryPeriod: time('leader-elect-retry-period'),
    id: value('leader-election-id') || undefined,
    namespace: value('leader-election-namespace') || undefined,
  };
  try {
    electionTiming(options);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  return options;
}

function isTrue(name: string, value: string): boolean {
  return oneOf(name, value, ['true', 'false']) === 'true';
}

function metricsFlags(value: (name: string) => string): MetricsServingOptions {
  const secure = isTrue('metrics-secure', value('metrics-secure'));
  const folder = value('metrics-cert-path');
  if (folder === '') return { secure };
  return { secure, certificates: { folder, certificate: value('metrics-cert-name'), key: value('metrics-cert-key') } };
}

function debugAddress(address: (name: string) => string): string {
  const text = address('debug-bind-address');
  const parsed = parseBindAddress(text);
  try {
    if (parsed) requireLoopback(parsed);
  } catch (error) {
    throw new UsageError(`--debug-bind-address: ${(error as Error).message}`);
  }
  return text;
}

function webhookFlags(value: (name: string) => string, address: (name: string) => string): WebhookServingOptions {
  const port = value('webhook-port');
  const off = port === '0' || port === '-1';
  if (port !== '' && !off && !/^[1-9]\d{0,4}$/.test(port)) {
    throw new UsageError(`--webhook-port is a port such as 9443, or 0 for none, not ${JSON.stringify(port)}`);
  }
  const folder = value('webhook-cert-dir');
  const clientCaFile = value('webhook-client-ca');
  return {
    ...(clientCaFile === '' ? {} : { clientCaFile }),
    bindAddress: off ? '0' : port === '' ? address('webhook-bind-address') : `:${port}`,
    certificates:
      folder === '' ? {} : { folder, certificate: value('webhook-cert-name'), key: value('webhook-cert-key') },
  };
}

function oneOf<const T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined)
    throw new UsageError(`--${name} is one of ${allowed.join(', ')}, not ${JSON.stringify(value)}`);
  return found;
}

function duration(name: string, value: string): number {
  try {
    return value === '0' ? 0 : toMilliseconds(value as Duration);
  } catch {
    try {
      return Number(parseGoDuration(value)) / 1e6;
    } catch {
      throw new UsageError(`--${name} is a duration such as 30s, not ${JSON.stringify(value)}`);
    }
  }
}

/** The text of --help. */
export function usage(operator: string): string {
  const left = flags.map(({ name, value }) => `  --${name} ${value}`);
  const width = Math.max(...left.map((text) => text.length)) + 2;
  const lines = flags.map(
    (flag, i) => `${(left[i] as string).padEnd(width)}${flag.help}${flag.default ? ` (default ${flag.default})` : ''}`,
  );
  return `${operator}: a Kubernetes operator\n\n${lines.join('\n')}\n`;
}
