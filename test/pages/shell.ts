import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type PageStep, restAfter, shows } from './page.ts';

export interface ShellOptions {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Commands without quotes that do not end by themselves: they run beside the others until the shell closes. */
  readonly goesOn: RegExp;
  /** Commands that only look, and so are repeated until they see what the page shows. */
  readonly looks: RegExp;
}

/** Longer than any step takes on a busy machine. */
const patience = 90_000;

/** One terminal of one reader: a folder and exported variables last from a command to the next. */
export class Shell implements AsyncDisposable {
  readonly #options: ShellOptions;
  readonly #bash;
  readonly #lines: AsyncIterator<string>;
  readonly #logs = mkdtempSync(join(tmpdir(), 'setpoint-page-'));
  /** Of the command that goes on: its process, and what it has said that no step has shown yet. */
  #running: { readonly pid: number; readonly log: string; read: number } | undefined;
  #commands = 0;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#bash = spawn('bash', ['--noprofile', '--norc'], {
      cwd: options.folder,
      env: options.environment,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#lines = createInterface({ input: this.#bash.stdout })[Symbol.asyncIterator]();
    // Jobs get process groups of their own, so that the children of npm end with it.
    this.#bash.stdin.write('exec 2>&1\nset -m\n');
  }

  /** Does what the page asks for. @returns what differs from what the page shows, or undefined */
  async play(step: PageStep): Promise<string | undefined> {
    if (step.type === 'file') return this.#write(step.path, step.text);
    if (step.type === 'said') return this.#hear(step.output);
    if (this.#options.goesOn.test(step.command)) return this.#start(step.command, step.output);
    const until = performance.now() + (this.#options.looks.test(step.command) ? patience : 0);
    for (;;) {
      const printed = await this.#run(step.command);
      if (step.output.length === 0 || shows(printed, step.output)) return;
      if (performance.now() > until) return differs(step.command, step.output, printed);
      await delay(200);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running !== undefined) {
      process.kill(-this.#running.pid, 'SIGTERM');
      await this.#run(`wait ${this.#running.pid}`);
    }
    const closed = once(this.#bash, 'close');
    this.#bash.stdin.end('exit\n');
    await closed;
    rmSync(this.#logs, { recursive: true, force: true });
  }

  async #write(path: string, text: string): Promise<undefined> {
    const file = join((await this.#run('pwd')).trim(), path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  async #run(command: string): Promise<string> {
    const end = `--- end of command ${this.#commands++} ---`;
    this.#bash.stdin.write(`${command}\nprintf '\\n%s %s\\n' '${end}' "$?"\n`);
    const lines: string[] = [];
    const signal = AbortSignal.timeout(patience);
    const late = new Promise<never>((_, reject) => {
      signal.onabort = () => reject(new Error(`${command} did not end; it printed:\n${lines.join('\n')}`));
    });
    for (;;) {
      const { value, done } = await Promise.race([this.#lines.next(), late]);
      if (done === true) throw new Error(`the shell ended in ${command}:\n${lines.join('\n')}`);
      if (!value.startsWith(end)) lines.push(value);
      else return `${lines.join('\n').replace(/\n$/, '')}\n`;
    }
  }

  async #start(command: string, output: readonly string[]): Promise<string | undefined> {
    const log = join(this.#logs, `${this.#commands}.log`);
    writeFileSync(log, '');
    // On a terminal of its own, as the reader's other window is.
    const printed = await this.#run(`script -qfec '${command}' /dev/null >'${log}' 2>&1 </dev/null & echo "pid $!"`);
    const pid = Number(/pid (\d+)/.exec(printed)?.[1]);
    this.#running = { pid, log, read: 0 };
    return output.length === 0 ? undefined : this.#hear(output);
  }

  async #hear(output: readonly string[]): Promise<string | undefined> {
    const running = this.#running;
    if (running === undefined) throw new Error(`nothing goes on that could say ${output.join('\n')}`);
    const until = performance.now() + patience;
    for (;;) {
      const said = readFileSync(running.log, 'utf8');
      const rest = restAfter(said.slice(running.read), output);
      if (rest !== undefined) {
        running.read = Math.max(0, said.length - rest.length);
        return;
      }
      if (performance.now() > until) return differs('what goes on', output, said.slice(running.read));
      await delay(100);
    }
  }
}

function differs(what: string, output: readonly string[], printed: string): string {
  return `${what}\nis to print\n${output.join('\n')}\nand printed\n${printed}`;
}
