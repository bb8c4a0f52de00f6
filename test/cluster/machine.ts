import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { addNetworkLink } from './network.ts';

/** Kernel settings that a kubelet sets for a whole machine: it is given files of its own instead. */
const kernelSettings = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

/**
 * The first process of the machine. Where others keep what a node leaves behind, it has file systems in memory. It ends
 * when nobody holds the other end of its input any more, be it that they were killed; with it the kernel ends all
 * processes of the machine, and takes its network and its mounts away.
 */
const firstProcess = `set -e
read -r pid _ </proc/self/stat
mount -t proc proc /proc
for folder in /run /var/lib /var/log; do mount -t tmpfs -o mode=755 tmpfs $folder; done
mkdir /run/settings
for setting in ${kernelSettings.join(' ')}; do
  file=/run/settings/$(basename $setting)
  cat /proc/sys/$setting >$file
  mount --bind $file /proc/sys/$setting
done
echo 1 >/proc/sys/net/ipv4/ip_forward
ip link set lo up
echo $pid
cat >/dev/null`;

/** Root's, which not every shell of root has. */
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function entering(pid: string): readonly string[] {
  return ['--target', pid, '--mount', '--net', '--pid', '--'];
}

/** Runs a program to its end, in the machine with this first process; what it wrote on standard output. */
export function runInside(pid: string, ...[program = '', ...args]: readonly string[]): string {
  const env = { ...process.env, PATH: path };
  const { status, stdout, stderr } = spawnSync('nsenter', [...entering(pid), program, ...args], {
    encoding: 'utf8',
    env,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${stderr.trim()}`);
  return stdout;
}

/** A machine within this one: processes, mounts and network of its own, the same files otherwise. */
export class Machine implements AsyncDisposable {
  readonly #first: ChildProcess;
  readonly #logs: string;
  /** Of its first process, as it is called out here. */
  readonly pid: string;
  /** Where it is reached from here, and nowhere else. */
  readonly address: string;

  private constructor(first: ChildProcess, pid: string, logs: string) {
    this.#first = first;
    this.#logs = logs;
    this.pid = pid;
    this.address = addNetworkLink(pid, (...command) => runInside(pid, ...command));
  }

  /** @param logs a folder that is there */
  static async start(logs: string): Promise<Machine> {
    const flags = ['--mount', '--net', '--pid', '--fork', '--kill-child'];
    const log = openSync(join(logs, 'machine.log'), 'w');
    const first = spawn('unshare', [...flags, 'bash', '-c', firstProcess], {
      env: { ...process.env, PATH: path },
      stdio: ['pipe', 'pipe', log],
      // Ctrl-C goes to whoever closes the machine, not to the machine.
      detached: true,
    });
    const output = first.stdout?.setEncoding('utf8') ?? [];
    for await (const line of output) return new Machine(first, String(line).trim(), logs);
    throw new Error(`no machine could be made; ${join(logs, 'machine.log')} says why`);
  }

  /** Starts a program that stays; all it writes goes into a file of this name. */
  start(name: string, program: string, args: readonly string[]): void {
    const log = openSync(join(this.#logs, `${name}.log`), 'w');
    const child = spawn('nsenter', [...entering(this.pid), program, ...args], {
      stdio: ['ignore', log, log],
      env: { ...process.env, PATH: path },
      detached: true,
    });
    child.on('error', () => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#first.exitCode !== null || this.#first.signalCode !== null) return;
    const gone = once(this.#first, 'exit');
    this.#first.stdin?.end();
    await gone;
  }
}
