/** Where a command writes, so that tests can read it. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

export const terminal: Output = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};
