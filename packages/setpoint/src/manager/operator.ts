import type { Controller } from '../controller/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import { Manager, type ManagerOptions } from './manager.ts';

/** What an operator is made of; each part is optional. */
export interface OperatorDeclaration {
  /** Names the field manager, Events and log lines; lower-case letters, digits and dashes. @default 'operator' */
  readonly name?: string;
  readonly controllers?: readonly Controller[];
  /** Kinds that this operator defines beyond those its controllers reconcile; they are installed with it. */
  readonly kinds?: readonly AnyKind[];
}

/** An operator as data, and two ways to run it. */
export interface Operator {
  readonly name: string;
  readonly controllers: readonly Controller[];
  /** Every kind that this operator defines, each once. */
  readonly kinds: readonly AnyKind[];
  /**
   * Runs it as a program: flags, log, signals (the first one drains, the second ends at once), exit codes (0 stopped,
   * 1 failed, 2 wrong usage). Ends the process.
   */
  main(argv?: readonly string[]): Promise<void>;
  /** Runs it within a program, until the signal aborts. Never ends the process. */
  run(options: ManagerOptions & { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** A manager that is not started yet. */
  manager(options: ManagerOptions): Manager;
}

/** @throws Error for a declaration that cannot work: two controllers of one name */
export function operator(declaration: OperatorDeclaration): Operator {
  const name = declaration.name ?? 'operator';
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    throw new Error(`operator name ${JSON.stringify(name)}: use lower-case letters, digits and dashes`);
  }
  const controllers = declaration.controllers ?? [];
  const names = new Set<string>();
  for (const { name: controller } of controllers) {
    if (names.has(controller)) throw new Error(`two controllers are named ${controller}: give one of them a \`name\``);
    names.add(controller);
  }
  const defined = [...controllers.map(({ kind }) => kind), ...(declaration.kinds ?? [])];
  const kinds = [...new Set(defined.filter((kind): kind is AnyKind => kind?.definition !== undefined))];
  const data = { name, controllers, kinds };
  return Object.freeze({
    ...data,
    async main(argv: readonly string[] = process.argv.slice(2)) {
      const { runMain } = await import('./main.ts');
      await runMain(data, argv);
    },
    async run({ signal, ...options }: ManagerOptions & { readonly signal?: AbortSignal | undefined }) {
      await using manager = new Manager(data, options);
      await manager.run(signal);
    },
    manager: (options: ManagerOptions) => new Manager(data, options),
  });
}
