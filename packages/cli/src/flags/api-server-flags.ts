import type { FlagForm, FlagForms } from './parse.ts';

/**
 * The flags of kube-apiserver 1.36, by what becomes of them. A flag that would change what clients see and is not
 * implemented is refused by name; one that only tunes the machinery of the real server is taken and does nothing.
 */
interface FlagHelp {
  readonly name: string;
  readonly value?: string;
  readonly help: string;
}

export const honoured: readonly FlagHelp[] = [
  { name: 'allow-privileged', help: 'let containers be privileged' },
  { name: 'api-audiences', value: 'list', help: 'audiences of tokens (default: the issuer)' },
  { name: 'audit-log-format', value: 'format', help: 'json, one event a line' },
  { name: 'audit-log-path', value: 'file', help: 'where to write the audit log; - is standard output' },
  { name: 'authorization-mode', value: 'list', help: 'RBAC, Node, AlwaysAllow (default AlwaysAllow)' },
  { name: 'bind-address', value: 'ip', help: 'address to listen on' },
  { name: 'cert-dir', value: 'folder', help: 'holds apiserver.crt and apiserver.key; they are made if missing' },
  { name: 'client-ca-file', value: 'file', help: 'PEM of what signs client certificates' },
  { name: 'disable-admission-plugins', value: 'list', help: 'admission plugins not to run' },
  { name: 'enable-admission-plugins', value: 'list', help: 'admission plugins to run beside those on by default' },
  { name: 'etcd-compaction-interval', value: 'duration', help: 'between two compactions (default 5m; 0: never)' },
  { name: 'etcd-prefix', value: 'prefix', help: 'prefix of all keys in etcd (default /registry)' },
  { name: 'etcd-servers', value: 'urls', help: 'the etcd launcher to share storage with' },
  { name: 'feature-gates', value: 'gates', help: 'Name=true|false, separated by commas' },
  { name: 'runtime-config', value: 'settings', help: 'group/version=true|false, separated by commas' },
  { name: 'secure-port', value: 'port', help: 'port to serve HTTPS on' },
  { name: 'service-account-issuer', value: 'url', help: 'issuer of service account tokens' },
  { name: 'service-account-key-file', value: 'file', help: 'PEM of keys that verify service account tokens' },
  { name: 'service-account-signing-key-file', value: 'file', help: 'PEM of the key that signs them' },
  { name: 'tls-cert-file', value: 'file', help: 'PEM of the certificate to serve with' },
  { name: 'tls-private-key-file', value: 'file', help: 'PEM of its key' },
  { name: 'token-auth-file', value: 'file', help: 'CSV of bearer tokens: token,user,uid,"group,…"' },
];

/** Nothing that clients see depends on these. */
const harmless = `
  advertise-address aggregator-reject-forwarding-redirect! allow-metric-labels allow-metric-labels-manifest
  audit-log-batch-buffer-size audit-log-batch-max-size audit-log-batch-max-wait audit-log-batch-throttle-burst
  audit-log-batch-throttle-enable! audit-log-batch-throttle-qps audit-log-maxage audit-log-maxbackup audit-log-maxsize
  audit-log-mode audit-log-version audit-webhook-batch-buffer-size audit-webhook-batch-max-size
  audit-webhook-batch-max-wait audit-webhook-batch-throttle-burst audit-webhook-batch-throttle-enable!
  audit-webhook-batch-throttle-qps audit-webhook-initial-backoff audit-webhook-mode audit-webhook-version
  authentication-token-webhook-cache-ttl authentication-token-webhook-version
  authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl
  authorization-webhook-version contention-profiling! coordinated-leadership-lease-duration
  coordinated-leadership-renew-deadline coordinated-leadership-retry-period debug-socket-path
  delete-collection-workers disabled-metrics enable-aggregator-routing! enable-logs-handler!
  enable-priority-and-fairness! endpoint-reconciler-type etcd-count-metric-poll-period etcd-db-metric-poll-interval
  etcd-healthcheck-timeout etcd-readycheck-timeout event-ttl external-hostname goaway-chance
  kubelet-certificate-authority kubelet-client-certificate kubelet-client-key kubelet-preferred-address-types
  kubelet-timeout kubernetes-service-node-port lease-reuse-duration-seconds livez-grace-period log-flush-frequency
  log-json-info-buffer-size log-json-split-stream! log-text-info-buffer-size log-text-split-stream! logging-format
  max-connection-bytes-per-sec max-mutating-requests-inflight max-requests-inflight min-request-timeout
  peer-advertise-ip peer-advertise-port peer-ca-file permit-address-sharing! permit-port-sharing! profiling!
  proxy-client-cert-file proxy-client-key-file request-timeout requestheader-allowed-names
  requestheader-extra-headers-prefix requestheader-group-headers requestheader-uid-headers
  requestheader-username-headers show-hidden-metrics-for-version shutdown-delay-duration shutdown-send-retry-after!
  shutdown-watch-termination-grace-period storage-initialization-timeout v vmodule watch-cache! watch-cache-sizes`;

/** These would change what clients see, and nothing here does what they say. */
const refused = `
  admission-control admission-control-config-file anonymous-auth! audit-log-compress!
  audit-log-truncate-enabled! audit-log-truncate-max-batch-size audit-log-truncate-max-event-size audit-policy-file
  audit-webhook-config-file audit-webhook-truncate-enabled! audit-webhook-truncate-max-batch-size
  audit-webhook-truncate-max-event-size authentication-config authentication-token-webhook-config-file
  authorization-config authorization-policy-file authorization-webhook-config-file cors-allowed-origins
  default-not-ready-toleration-seconds default-unreachable-toleration-seconds disable-http2-serving!
  egress-selector-config-file emulated-version emulation-forward-compatible! enable-bootstrap-token-auth!
  enable-garbage-collector! encryption-provider-config encryption-provider-config-automatic-reload! etcd-cafile
  etcd-certfile etcd-keyfile etcd-servers-overrides http2-max-streams-per-connection min-compatibility-version
  oidc-ca-file oidc-client-id oidc-groups-claim oidc-groups-prefix oidc-issuer-url oidc-required-claim
  oidc-signing-algs oidc-username-claim oidc-username-prefix requestheader-client-ca-file
  runtime-config-emulation-forward-compatible! service-account-extend-token-expiration! service-account-jwks-uri
  service-account-lookup! service-account-max-token-expiration service-account-signing-endpoint
  service-cluster-ip-range service-node-port-range storage-backend storage-media-type
  strict-transport-security-directives tls-cipher-suites tls-curve-preferences tls-min-version tls-sni-cert-key
  tracing-config-file`;

/** Set to these, they ask for what is the case anyway. */
export const defaultsOfRefused: Readonly<Record<string, readonly string[]>> = {
  'anonymous-auth': ['true'],
  'default-not-ready-toleration-seconds': ['300'],
  'default-unreachable-toleration-seconds': ['300'],
  'emulated-version': ['1.36', 'kube=1.36'],
  'enable-garbage-collector': ['true'],
  'http2-max-streams-per-connection': ['0', '100', '1000'],
  'service-account-extend-token-expiration': ['true'],
  'service-account-lookup': ['true'],
  'service-cluster-ip-range': ['10.0.0.0/24'],
  'service-node-port-range': ['30000-32767'],
  'storage-backend': ['etcd3'],
  'storage-media-type': ['application/json'],
  'tls-min-version': ['VersionTLS12'],
};

const words = (text: string): readonly string[] => text.trim().split(/\s+/);
const bare = (word: string): string => word.replace(/!$/, '');
const formOf = (word: string): FlagForm => (word.endsWith('!') ? 'switch' : 'value');

export const refusedNames: ReadonlySet<string> = new Set(words(refused).map(bare));

export const apiServerForms: FlagForms = new Map<string, FlagForm>([
  ...honoured.map(({ name, value }) => [name, value === undefined ? 'switch' : 'value'] as const),
  ...[...words(harmless), ...words(refused)].map((word) => [bare(word), formOf(word)] as const),
]);

/** As `kube-apiserver --help` lays it out: callers look for `--name` at the beginning of a line. */
export function apiServerHelp(): string {
  const line = ({ name, value, help }: FlagHelp) => `      --${value ? `${name} ${value}` : name}`.padEnd(50) + help;
  const ignored = words(harmless)
    .filter((word) => word.length > 1)
    .map((word) => `      --${bare(word)}`);
  const fixed = Object.entries(defaultsOfRefused).map(
    ([name, values]) => `      --${name}`.padEnd(50) + values.join(' or '),
  );
  return [
    ...honoured.map(line),
    '\nOnly as they are here:',
    ...fixed,
    '\nTaken, and of no effect here:',
    ...ignored,
    '  -v, --v level\n',
  ].join('\n');
}
