import type { Controller } from '../controller/index.ts';
import { type AnyDefinedKind, type AnyKind, type CacheRule, type Crd, checkRules } from '../kinds/index.ts';
import { checkDistinct, type Metric } from '../metrics/index.ts';
import { allWebhooks, type Webhook } from '../webhook/index.ts';
import { Manager } from './manager.ts';
import type { ManagerOptions } from './types.ts';

/** What an operator is made of; each part is optional. */
export interface OperatorDeclaration {
  /** Names the field manager, Events and log lines; lower-case letters, digits and dashes. @default 'operator' */
  readonly name?: string;
  /** Made by `controller()` and `controller.keyed()`; no two of one name. */
  readonly controllers?: readonly Controller[];
  /** Beyond those that follow from `default` and `validate` of its controllers; see `webhook()`. */
  readonly webhooks?: readonly Webhook[];
  /** Kinds of several versions; where those are converted by functions, the operator serves the conversion. */
  readonly crds?: readonly Crd[];
  /** Kinds that this operator defines beyond those its controllers reconcile; they are installed with it. */
  readonly kinds?: readonly AnyKind[];
  /** Which part of a kind is kept in memory, where it is not all of it; see `cacheOf()`. */
  readonly cache?: readonly CacheRule[];
  /** Beyond those of every operator and of its controllers; see `gauge()`, `counter()`, `histogram()`. */
  readonly metrics?: readonly Metric[];
}

/** An operator as data, and two ways to run it. */
export interface Operator {
  readonly name: string;
  readonly controllers: readonly Controller[];
  /** All that it serves: those given, and those of its controllers. */
  readonly webhooks: readonly Webhook[];
  readonly crds: readonly Crd[];
  /** Every kind that this operator defines, each once; those of `crds` are not among them. */
  readonly kinds: readonly AnyDefinedKind[];
  readonly cache: readonly CacheRule[];
  /** All but those of its controllers. */
  readonly metrics: readonly Metric[];
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

/** @throws Error for a declaration that cannot work: two controllers of one name, two webhooks of one kind, two metrics of one name */
export function operator(declaration: OperatorDeclaration): Operator {
  checkParts(declaration);
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
  checkShards(controllers);
  const webhooks = allWebhooks(controllers, declaration.webhooks ?? []);
  const crds = declaration.crds ?? [];
  const versions = new Set(crds.flatMap((crd) => crd.versions.map(({ kind }): AnyKind => kind)));
  const defined = [...controllers.map(({ kind }) => kind), ...(declaration.kinds ?? [])];
  const kinds = [
    ...new Set(defined.filter((kind): kind is AnyDefinedKind => kind?.definition !== undefined && !versions.has(kind))),
  ];
  const cache = declaration.cache ?? [];
  checkRules(cache);
  const metrics = declaration.metrics ?? [];
  checkDistinct([...metrics, ...controllers.flatMap((controller) => controller.metrics)]);
  const data = { name, controllers, webhooks, crds, kinds, cache, metrics };
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

const parts: Readonly<Record<keyof OperatorDeclaration, string | undefined>> = {
  name: undefined,
  controllers: 'controller()',
  webhooks: 'webhook()',
  crds: 'defineCrd()',
  kinds: 'defineKind()',
  cache: 'cacheOf()',
  metrics: 'counter(), gauge() or histogram()',
};

/** Node runs TypeScript without looking at types, and modules that import each other have none to look at. */
function checkParts(declaration: OperatorDeclaration): void {
  if (typeof declaration !== 'object' || declaration === null || Array.isArray(declaration)) {
    throw new TypeError('operator(): give it an object, such as { name, controllers }');
  }
  for (const [part, list] of Object.entries(declaration)) {
    if (!Object.hasOwn(parts, part)) {
      throw new TypeError(`operator(): there is no option \`${part}\`; there are ${Object.keys(parts).join(', ')}`);
    }
    const maker = parts[part as keyof OperatorDeclaration];
    if (!maker || list === undefined) continue;
    if (!Array.isArray(list)) throw new TypeError(`operator(): \`${part}\` is a list of what ${maker} makes`);
    const missing = list.findIndex((entry) => typeof entry !== 'object' || entry === null);
    if (missing < 0) continue;
    const [entry] = list.slice(missing);
    const why = entry === undefined ? ': do two modules import each other?' : '';
    throw new TypeError(`operator(): ${part}[${missing}] is ${String(entry)}${why}; it is made by ${maker}`);
  }
}

/** One set of Leases serves all of them. */
function checkShards(controllers: readonly Controller[]): void {
  const shared = controllers.filter(({ shards }) => shards !== undefined);
  const [first] = shared;
  const other = shared.find(({ shards }) => shards !== first?.shards);
  if (!first || !other) return;
  throw new Error(
    `controller ${first.name} has ${first.shards} shards and ${other.name} has ${other.shards}: those of one operator are divided alike`,
  );
}
