import { expect, test } from 'vitest';
import { parseBindAddress } from './address.ts';
import { type Flags, parseFlags, usage } from './flags.ts';

test('defaults are loopback addresses, all namespaces and thirty seconds to drain', () => {
  expect(parseFlags([])).toEqual({
    clusters: {},
    kubeconfig: undefined,
    context: undefined,
    namespaces: [],
    metricsBindAddress: '127.0.0.1:8080',
    healthProbeBindAddress: '127.0.0.1:8081',
    logLevel: 'info',
    logFormat: 'auto',
    gracefulShutdownTimeout: 30_000,
    uncaughtErrors: 'continue',
    metrics: { secure: false },
    debugBindAddress: '0',
    leaderElection: undefined,
    webhooks: { bindAddress: '127.0.0.1:9443', certificates: {} },
  });
});

test('flags are read as --name value, --name=value and with one dash', () => {
  expect(
    parseFlags([
      '--kubeconfig',
      '/k',
      '--namespace=a,b',
      '-log-level',
      'debug',
      '--metrics-bind-address=:8443',
      '--leader-elect=false',
    ]),
  ).toMatchObject({ kubeconfig: '/k', namespaces: ['a', 'b'], logLevel: 'debug', metricsBindAddress: ':8443' });
  expect(parseFlags(['--graceful-shutdown-timeout=1m30s'])).toMatchObject({ gracefulShutdownTimeout: 90_000 });
  expect(parseFlags(['--help'])).toBe('help');
});

test('leader election has the flags and defaults of Kubernetes’ own components', () => {
  expect(parseFlags(['--leader-elect'])).toMatchObject({
    leaderElection: { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2000, id: undefined },
  });
  const argv = ['--leader-elect=true', '--leader-elect-lease-duration=1m', '--leader-elect-renew-deadline', '40s'];
  const where = ['--leader-elect-retry-period=5s', '--leader-election-id=x', '--leader-election-namespace=ns'];
  expect(parseFlags([...argv, ...where])).toMatchObject({
    leaderElection: { leaseDuration: 60_000, renewDeadline: 40_000, retryPeriod: 5000, id: 'x', namespace: 'ns' },
  });
});

test.each([
  [['--leader-elect=perhaps'], '--leader-elect is one of true, false, not "perhaps"'],
  [['--leader-elect', '--leader-elect-lease-duration=5s'], 'the lease duration (5000 ms) must be longer than'],
  [['--no-such'], 'unknown flag --no-such'],
  [['extra'], 'unknown flag extra'],
  [['--kubeconfig'], '--kubeconfig needs a value (FILE)'],
  [['--log-level=loud'], '--log-level is one of debug, info, warn, error, not "loud"'],
  [['--metrics-bind-address=nowhere'], '--metrics-bind-address: "nowhere" is no address'],
  [['--graceful-shutdown-timeout=soon'], '--graceful-shutdown-timeout is a duration'],
])('%j is refused in one sentence', (argv, message) => {
  expect(() => parseFlags(argv)).toThrow(message);
});

test('--help names every flag with its default', () => {
  expect(usage('foo')).toContain('--health-probe-bind-address ADDRESS');
  expect(usage('foo')).toContain('(default 127.0.0.1:8081)');
});

test('addresses are read as Go reads them', () => {
  expect(parseBindAddress(':8080')).toEqual({ host: '::', port: 8080 });
  expect(parseBindAddress('127.0.0.1:0')).toEqual({ host: '127.0.0.1', port: 0 });
  expect(parseBindAddress('[::1]:9')).toEqual({ host: '::1', port: 9 });
  expect([parseBindAddress('0'), parseBindAddress('')]).toEqual([undefined, undefined]);
  expect(() => parseBindAddress('localhost:99999')).toThrow('is no address');
});

test('webhooks have an address, or a port on every interface, and a folder of certificates', () => {
  const webhooks = (...argv: string[]) => (parseFlags(argv) as Flags).webhooks;
  expect(webhooks('--webhook-port', '9444').bindAddress).toBe(':9444');
  expect(webhooks('--webhook-port=-1').bindAddress).toBe('0');
  expect(webhooks('--webhook-bind-address', '0').bindAddress).toBe('0');
  expect(webhooks('--webhook-cert-dir', '/certs').certificates).toEqual({
    folder: '/certs',
    certificate: 'tls.crt',
    key: 'tls.key',
  });
  expect(() => parseFlags(['--webhook-port', 'x'])).toThrow('is a port such as 9443');
  expect(webhooks('--webhook-client-ca', '/callers.crt').clientCaFile).toBe('/callers.crt');
});

test('WATCH_NAMESPACE counts where no flag does; names are checked, each counts once', () => {
  const namespaces = (argv: string[], WATCH_NAMESPACE?: string) => {
    const flags = parseFlags(argv, { WATCH_NAMESPACE });
    return flags === 'help' ? undefined : flags.namespaces;
  };
  expect(namespaces([], 'a, b,a,')).toEqual(['a', 'b']);
  expect(namespaces([], '')).toEqual([]);
  expect(namespaces(['--namespace', 'c'], 'a')).toEqual(['c']);
  expect(() => namespaces([], 'A b')).toThrow('"A b" is no namespace');
});
