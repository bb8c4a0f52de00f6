/**
 * What a page of the documentation asks its reader to do, in order. Blocks of other languages, and those of `sh` that
 * the reader is only told about, belong to nothing here.
 *
 * - A block of `ts`, `yaml`, `json` or `dockerfile` that begins with a comment of a path is that whole file.
 * - In a block of `console`, lines after `$ ` are commands, and what follows each is what it prints.
 * - A block of `console` that begins otherwise is what the command says that goes on, such as `npm run dev`.
 */
export type PageStep =
  | { readonly type: 'file'; readonly path: string; readonly text: string }
  | { readonly type: 'command'; readonly command: string; readonly output: readonly string[] }
  | { readonly type: 'said'; readonly output: readonly string[] };

const block = /^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm;
const named = /^(?:\/\/|#) ([\w./-]+\.\w+|Dockerfile)\n/;

export function stepsOf(page: string): readonly PageStep[] {
  return [...page.matchAll(block)].flatMap(([, language = '', text = '']): readonly PageStep[] => {
    if (language === 'console') return commandsOf(text);
    const path = named.exec(text)?.[1];
    return path === undefined ? [] : [{ type: 'file', path, text }];
  });
}

function commandsOf(text: string): readonly PageStep[] {
  const steps: ({ command: string; output: string[] } | { output: string[] })[] = [];
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const last = steps.at(-1);
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), output: [] });
    // As a shell does, a command goes on after a backslash.
    else if (last !== undefined && 'command' in last && last.output.length === 0 && last.command.endsWith('\\')) {
      last.command += `\n${line}`;
    } else if (last === undefined) steps.push({ output: [line] });
    else last.output.push(line);
  }
  return steps.map((step) => ('command' in step ? { type: 'command', ...step } : { type: 'said', ...step }));
}

/**
 * Whether what was printed is what the page shows. In it, `…` stands for any part of a line, a line of nothing else for
 * any lines, and columns may be of another width.
 */
export function shows(printed: string, output: readonly string[]): boolean {
  return patternOf(output).test(plain(printed));
}

/** What is left of the text after the first place that shows these lines, or undefined where there is none. */
export function restAfter(printed: string, output: readonly string[]): string | undefined {
  const text = plain(printed);
  const found = new RegExp(`^${linesOf(output)}`, 'm').exec(text);
  return found === null ? undefined : text.slice(found.index + found[0].length);
}

function patternOf(output: readonly string[]): RegExp {
  return new RegExp(`^${linesOf(output)}$`);
}

function linesOf(output: readonly string[]): string {
  return output
    .map((line) => {
      if (line.trim() === '…') return '(?:.*\\n)*?';
      const parts = line
        .trimEnd()
        .split('…')
        .map((part) => literal(part).replaceAll(/ {2,}/g, ' +'));
      return `${parts.join('.*?')} *\\n`;
    })
    .join('');
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Without colours, and without blank lines at both ends; each line with its end. */
function plain(printed: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  const text = printed.replaceAll(/\u001b\[[0-9;]*[A-Za-z]/g, '').replaceAll('\r', '');
  return text.trim() === '' ? '' : `${text.replace(/^\s*\n/, '').trimEnd()}\n`;
}
