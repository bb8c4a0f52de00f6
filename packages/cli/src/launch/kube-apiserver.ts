import type { AdmissionPlugins } from '@setpoint/controlplane';
import { Failure } from '../failure.ts';
import { apiServerForms, apiServerHelp, apiServerSettings, FlagError, parseFlags } from '../flags/index.ts';
import type { Output } from '../output.ts';
import { untilAborted } from '../stop.ts';
import { openAuditFile } from './audit-file.ts';
import { linkToEtcd } from './etcd-client.ts';

/** The release whose face this shows. */
const kubernetesVersion = 'v1.36.3';

/**
 * Stands where kube-apiserver stands, beside the etcd launcher. None of the controllers that kube-controller-manager
 * runs is there: who starts an API server alone counts on that.
 *
 * @throws FlagError for a flag it cannot take; Failure when it cannot start or lost its etcd
 */
export async function kubeApiServer(argv: readonly string[], output: Output, stop: () => AbortSignal): Promise<void> {
  if (argv.some((argument) => argument === '--help' || argument === '-h'))
    return output.out(`Usage:\n  kube-apiserver [flags]\n\nFlags:\n${apiServerHelp()}`);
  if (argv.includes('--version') || argv.includes('--version=true'))
    return output.out(`Kubernetes ${kubernetesVersion}\n`);
  const flags = parseFlags(argv, apiServerForms);
  const servers = flags.list('etcd-servers');
  if (servers.length === 0) throw new FlagError('--etcd-servers must be specified');
  const settings = apiServerSettings(flags);
  const { bindAddress = '127.0.0.1', securePort = 6443 } = settings.listen;

  const stopped = stop();
  await using stack = new AsyncDisposableStack();
  const link = await linkToEtcd(servers, stopped);
  stack.defer(link.close);
  const { createControlPlane } = await import('@setpoint/controlplane');
  const { servingPair } = await import('./serving.ts');
  const serving = servingPair(settings.serving, bindAddress);
  const { dataDir, fsync } = link.welcome;
  const onNotice = (text: string) => output.err(`kube-apiserver: ${text}\n`);
  const audit =
    settings.auditLog === undefined ? undefined : stack.use(openAuditFile(settings.auditLog, output, onNotice));
  const controlPlane = stack.use(
    createControlPlane({
      authorizationMode: 'AlwaysAllow',
      allowPrivileged: false,
      ...settings.options,
      admissionPlugins: withServiceAccount(settings.options.admissionPlugins),
      ...(audit ? { onAudit: audit.write } : {}),
      controllers: [],
      dataDir,
      fsync,
      onNotice,
    }),
  );
  link.serve(controlPlane.storage, prefixOf(flags.last('etcd-prefix')));
  const { url } = await controlPlane.listen({
    ...settings.listen,
    bindAddress,
    securePort,
    ...(serving ? { serving } : {}),
  });
  output.err(`kube-apiserver: serving ${url}\n`);
  await untilAborted(AbortSignal.any([stopped, link.lost]));
  if (!stopped.aborted) throw new Failure(`etcd at ${servers.join(', ')} went away`);
}

/** On by default, whether anybody makes the accounts of namespaces or not. */
function withServiceAccount({ enable = [], disable = [] }: AdmissionPlugins = {}): AdmissionPlugins {
  const name = 'ServiceAccount';
  return { enable: disable.includes(name) || enable.includes(name) ? enable : [...enable, name], disable };
}

function prefixOf(given = '/registry'): string {
  return `/${given.replace(/^\/+|\/+$/g, '')}/`;
}
