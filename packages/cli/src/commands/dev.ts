import { existsSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { createControlPlane } from '@setpoint/controlplane';
import { openAuditFile } from '../launch/index.ts';
import type { Output } from '../output.ts';
import { findProject, type Project } from '../project.ts';
import { untilAborted } from '../stop.ts';
import type { Identity } from './account.ts';
import { listen } from './controlplane.ts';
import { FolderWatcher } from './folder-watcher.ts';
import { Supervisor } from './supervisor.ts';
import { aroundTakenPorts } from './usual-ports.ts';

export interface DevFlags {
  readonly project: string;
  readonly securePort: number;
  readonly kubeconfig: string;
  /** Whom the operator is. @default 'service-account' */
  readonly as: Identity;
  /** Apply what is in config/samples at each start. */
  readonly samples?: boolean;
  /** Where each request is noted. */
  readonly auditLogPath?: string;
  readonly debug?: boolean;
}

/** What an operator is made of; editors leave other files beside them for a moment. */
const sources = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json']);

/**
 * The control plane stays up while the operator is restarted at each change of a source file: as a process of its own,
 * so that it sees its new sources, and so that an endless loop in it does not stop anything here.
 */
export async function dev(
  operatorFlags: readonly string[],
  flags: DevFlags,
  { output, stop }: { readonly output: Output; readonly stop: AbortSignal },
): Promise<void> {
  const project = findProject(flags.project);
  const { auditLogPath } = flags;
  const tell = (text: string) => output.err(`setpoint dev: ${text}\n`);
  await using stack = new AsyncDisposableStack();
  const audit = auditLogPath === undefined ? undefined : stack.use(openAuditFile(auditLogPath, output, tell));
  const controlPlane = stack.use(createControlPlane(audit ? { onAudit: audit.write } : {}));
  const { url, kubeconfig } = await listen(controlPlane, flags);
  const folder = sourceFolder(project);
  output.out(`ready ${url}\nexport KUBECONFIG=${kubeconfig}\n`);
  output.err(`setpoint dev: watching ${folder}; Ctrl-C ends it\n`);

  const debug = flags.debug === true;
  const { as, samples = false } = flags;
  const operatorOptions = await aroundTakenPorts(operatorFlags);
  const options = { project: project.folder, kubeconfig, as, samples, operatorFlags: operatorOptions, debug, output };
  await using operator = new Supervisor(options);
  using _ = new FolderWatcher(folder, (file) => {
    if (sources.has(extname(file))) operator.changed(file);
  });
  operator.start();
  await untilAborted(stop);
}

function sourceFolder({ folder, entry }: Project): string {
  const usual = join(folder, 'src');
  return existsSync(usual) ? usual : dirname(entry);
}
