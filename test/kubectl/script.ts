/** One thing a person does at a terminal. */
export interface Step {
  /** What stands behind `kubectl`, in a shell's words: quotes hold a word together. */
  readonly command: string;
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Only these lines of the output are compared: the servers have more groups and objects than the script's. */
  readonly lines?: RegExp;
  /** Is left running while these are done, then stopped: for watches, whose output is compared. */
  readonly during?: readonly Step[];
}

/** A person's way through kubectl in a namespace of its own, compared step by step. */
export interface Script {
  readonly name: string;
  steps(namespace: string): readonly Step[];
}

/** `script('labels', () => ['get cm', run('create -f -', manifest)])` */
export function script(name: string, steps: (namespace: string) => readonly (string | Step)[]): Script {
  return {
    name,
    steps: (namespace) => steps(namespace).map((step) => (typeof step === 'string' ? { command: step } : step)),
  };
}

/** A command that reads these manifests, as JSON documents, or this text. */
export function run(command: string, ...manifests: readonly (string | object)[]): Step {
  const documents = manifests.map((manifest) => (typeof manifest === 'string' ? manifest : JSON.stringify(manifest)));
  return { command, stdin: documents.join('\n---\n') };
}

export function filtered(lines: RegExp, command: string): Step {
  return { command, lines };
}

/** `kubectl edit` with an editor that plays a script of sed. */
export function edit(command: string, script: string): Step {
  return { command: `edit ${command}`, environment: { KUBE_EDITOR: `sed -i -e '${script}'` } };
}

export function watching(command: string, ...steps: readonly (string | Step)[]): Step {
  return { command, during: steps.map((step) => (typeof step === 'string' ? { command: step } : step)) };
}
