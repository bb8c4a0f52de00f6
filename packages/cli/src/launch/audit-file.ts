import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AuditEvent } from '@setpoint/controlplane';
import type { Output } from '../output.ts';

/** A file that grows by one line for each event; `-` is standard output. */
export interface AuditFile extends AsyncDisposable {
  readonly write: (event: AuditEvent) => void;
}

/** @param tell hears once why nothing more can be written */
export function openAuditFile(path: string, output: Output, tell: (text: string) => void): AuditFile {
  if (path === '-') {
    const write = (event: AuditEvent) => output.out(`${JSON.stringify(event)}\n`);
    return { write, [Symbol.asyncDispose]: async () => {} };
  }
  mkdirSync(dirname(path), { recursive: true });
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 });
  let broken = false;
  file.on('error', (error) => {
    if (!broken) tell(`the audit log cannot be written: ${error.message}`);
    broken = true;
  });
  return {
    write: (event) => void (broken || file.write(`${JSON.stringify(event)}\n`)),
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void (broken ? resolve() : file.end(() => resolve()))),
  };
}
