import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountManifests } from 'setpoint/deployment';
import { manifestYaml } from 'setpoint/manifests';
import {
  type Access,
  compareRights,
  describeAccess,
  type MinimalOptions,
  minimalRights,
  type Rights,
  rightsOf,
  roleManifests,
} from 'setpoint/rights';
import { planDeployment } from '../deployment/index.ts';
import { Failure, UsageError } from '../failure.ts';
import type { Output } from '../output.ts';
import { findProject } from '../project.ts';
import { type Recorded, readAuditLog } from './audit-log.ts';

export interface RbacFlags {
  readonly project: string;
  /** A file of Events of audit.k8s.io/v1, one a line. */
  readonly fromAudit?: string;
  /** Run a command, and take what the operators under test asked for. */
  readonly fromRun?: boolean;
  readonly user?: string;
  /** `namespace/name`. */
  readonly serviceAccount?: string;
  /** Fail if the declared role lacks something. */
  readonly check?: boolean;
  readonly exact?: boolean;
  readonly resourceNames?: boolean;
}

/**
 * Derives the minimal role from recorded requests, and says what the project's own role lacks and what of it was not
 * used.
 *
 * @throws Failure with `check`, where it lacks something
 */
export async function rbac(flags: RbacFlags, command: readonly string[], output: Output): Promise<void> {
  if ((flags.fromAudit === undefined) === (flags.fromRun !== true))
    throw new UsageError('use one of --from-audit <file> and --from-run');
  if (command.length > 0 && !flags.fromRun)
    throw new UsageError(`what is ${command[0]}? a command goes with --from-run`);
  const wanted = wantedUser(flags);
  const declaring = await declaredBy(flags, wanted !== undefined && !flags.check);
  const everybody = flags.fromRun ? await recordRun(command, flags, output) : await readAuditLog(flags.fromAudit ?? '');
  const { user, requests, accesses } = chosen(everybody, wanted, declaring?.name);
  const declared = declaring?.rightsOf(user);
  if (!flags.check) {
    const { exact, resourceNames } = flags;
    const role = minimalRights(accesses, { declared, exact, resourceNames } satisfies MinimalOptions);
    output.out(`# The rights that ${requests} requests of ${user} took\n`);
    output.out(await manifestYaml(roleManifests(`${declaring?.name ?? user.split(':').at(-1)}-role`, role)));
  }
  if (declaring && declared) await report({ name: declaring.name, declared, accesses, requests, flags, output });
}

interface Compared {
  readonly name: string;
  readonly declared: Rights;
  readonly accesses: readonly Access[];
  readonly requests: number;
  readonly flags: RbacFlags;
  readonly output: Output;
}

async function report({ name, declared, accesses, requests, flags, output }: Compared): Promise<void> {
  const { missing, surplus } = compareRights(declared, accesses);
  const tell = flags.check ? output.out : output.err;
  for (const line of byResource(surplus)) tell(`surplus  ${line}: declared, and not used by any of these requests\n`);
  for (const line of byResource(missing)) tell(`missing  ${line}\n`);
  if (missing.length === 0) {
    tell(`ok       the role of ${name} allows all that ${requests} requests took\n`);
    return;
  }
  const rules = await manifestYaml(roleManifests(`${name}-role`, minimalRights(missing)));
  const text = `the role of ${name} lacks what was asked for: declare it in the controller (reads, watches, owns, writes, or permissions)\n${rules.trimEnd()}`;
  if (flags.check) throw new Failure(text);
  output.err(`${text}\n`);
}

/** `get, list pods in default`. */
function byResource(accesses: readonly Access[]): readonly string[] {
  const rest = (access: Access) => describeAccess(access).slice(access.verb.length + 1);
  return [...Map.groupBy(accesses, rest)].map(
    ([what, some]) =>
      `${some
        .map(({ verb }) => verb)
        .sort()
        .join(', ')} ${what}`,
  );
}

function wantedUser({ user, serviceAccount }: RbacFlags): string | undefined {
  if (serviceAccount === undefined) return user;
  const [namespace, name, ...rest] = serviceAccount.split('/');
  if (user !== undefined || !namespace || !name || rest.length > 0)
    throw new UsageError('name one user: --user <name> or --service-account <namespace>/<name>');
  return `system:serviceaccount:${namespace}:${name}`;
}

interface Declaring {
  readonly name: string;
  /** Of that user: what an operator keeps in its own namespace depends on where that is. */
  rightsOf(user: string): Rights;
}

/** The project's operator; where it is not needed, it may be missing. */
async function declaredBy({ project }: RbacFlags, optional: boolean): Promise<Declaring | undefined> {
  try {
    findProject(project);
  } catch (error) {
    if (optional) return undefined;
    throw error;
  }
  const { operator, settings } = await planDeployment(findProject(project));
  const { watchNamespaces } = settings;
  return {
    name: operator.name,
    rightsOf(user) {
      const [, namespace = settings.namespace] = /^system:serviceaccount:([^:]+):/.exec(user) ?? [];
      return rightsOf(accountManifests(operator, { namespace, watchNamespaces }), operator.name);
    },
  };
}

interface Chosen extends Recorded {
  readonly user: string;
}

/** @throws Failure naming those who were seen, where it is not clear who is meant */
function chosen(
  everybody: ReadonlyMap<string, Recorded>,
  wanted: string | undefined,
  operator: string | undefined,
): Chosen {
  const isOperator = (user: string) => user.startsWith('system:serviceaccount:') && user.endsWith(`:${operator}`);
  const users = [...everybody.keys()].filter((user) => (wanted === undefined ? isOperator(user) : user === wanted));
  const [user] = users;
  if (user !== undefined && users.length === 1) return { user, ...(everybody.get(user) as Recorded) };
  const seen = [...everybody].map(([name, { requests }]) => `${name} (${requests})`).join(', ');
  const who = wanted ?? `a service account ${operator}`;
  throw new Failure(
    users.length > 1
      ? `${users.join(' and ')} have made requests: choose one with --user`
      : `there is no request of ${who}: ${seen === '' ? 'nothing was recorded' : `there are some of ${seen}; choose with --user`}`,
  );
}

/** Where the environments of @setpoint/testing write what their operators ask for. */
const recordTo = 'SETPOINT_AUDIT_LOG';

/** What the run says goes to standard error: standard output is the role. */
async function recordRun(
  [program = 'npm', ...given]: readonly string[],
  { project }: RbacFlags,
  output: Output,
): Promise<ReadonlyMap<string, Recorded>> {
  const parameters = program === 'npm' && given.length === 0 ? ['test'] : given;
  const folder = mkdtempSync(join(tmpdir(), 'setpoint-rbac-'));
  try {
    const file = join(folder, 'audit.log');
    const env = { ...process.env, [recordTo]: file };
    const child = spawn(program, parameters, { cwd: project, env, stdio: ['ignore', 2, 2] });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', (error) => reject(new Failure(`${program} cannot be started: ${error.message}`)));
      child.once('exit', resolve);
    });
    if (code !== 0) output.err(`setpoint: the run ended with code ${code}; what follows is about what it got to\n`);
    return await readAuditLog(file, true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
