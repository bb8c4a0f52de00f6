import type { FlagForm, FlagForms } from '../flags/index.ts';

/** Flags of etcd 3.6 that do something here. */
const honoured = [
  ['data-dir', 'folder', 'holds the objects of the API server (default <name>.etcd)'],
  ['listen-client-urls', 'urls', 'http URLs to serve clients on (default http://localhost:2379)'],
  ['listen-peer-urls', 'urls', 'http URLs to listen on for peers, of which there are none'],
  ['name', 'name', 'name of this member (default default)'],
  ['unsafe-no-fsync', '', 'an answer does not wait for the disk'],
] as const;

/** Taken, for a member that is alone and keeps its history as the API server tells it to. */
const harmless = `
  advertise-client-urls auth-token auth-token-ttl auto-compaction-mode auto-compaction-retention backend-batch-interval
  backend-batch-limit backend-bbolt-freelist-type bcrypt-cost compaction-batch-limit cors discovery-fallback
  election-timeout enable-grpc-gateway! enable-log-rotation! enable-pprof! enable-v2! experimental-compaction-batch-limit
  experimental-corrupt-check-time experimental-initial-corrupt-check! experimental-warning-apply-duration
  experimental-watch-progress-notify-interval feature-gates force-new-cluster! grpc-keepalive-interval
  grpc-keepalive-min-time grpc-keepalive-timeout heartbeat-interval host-whitelist initial-advertise-peer-urls
  initial-cluster initial-cluster-state initial-cluster-token initial-election-tick-advance! listen-metrics-urls
  log-format log-level log-outputs log-rotation-config-json logger max-concurrent-streams max-request-bytes
  max-snapshots max-txn-ops max-wals memory-mlock! metrics pre-vote! quota-backend-bytes raft-read-timeout
  raft-write-timeout self-signed-cert-validity snapshot-catchup-entries snapshot-count socket-reuse-address!
  socket-reuse-port! strict-reconfig-check! v2-deprecation wal-dir warning-apply-duration
  warning-unary-request-duration watch-progress-notify-interval`;

/** Only http on loopback is served: what asks for TLS, or for other members, is refused. */
const refused = `
  auto-tls! cert-file cipher-suites client-cert-allowed-hostname client-cert-auth! client-cert-file client-crl-file
  client-key-file discovery discovery-endpoints discovery-srv discovery-token key-file peer-auto-tls! peer-cert-file
  peer-client-cert-auth! peer-key-file peer-trusted-ca-file tls-max-version tls-min-version trusted-ca-file`;

const words = (text: string): readonly string[] => text.trim().split(/\s+/);
const bare = (word: string): string => word.replace(/!$/, '');
const formOf = (word: string): FlagForm => (word.endsWith('!') ? 'switch' : 'value');

export const refusedEtcdFlags: ReadonlySet<string> = new Set(words(refused).map(bare));

export const etcdForms: FlagForms = new Map<string, FlagForm>([
  ...honoured.map(([name, value]) => [name, value === '' ? 'switch' : 'value'] as const),
  ...[...words(harmless), ...words(refused)].map((word) => [bare(word), formOf(word)] as const),
]);

/** As `etcd --help` lays it out: callers look for `--name` at the beginning of a line. */
export function etcdHelp(): string {
  const lines = honoured.map(([name, value, help]) => `  --${`${name} ${value}`.padEnd(30)}${help}`);
  return `${lines.join('\n')}\n\nTaken, and of no effect here:\n${words(harmless)
    .map((word) => `  --${bare(word)}\n`)
    .join('')}`;
}
