import { fieldManagerLimit, isPrintable } from '@setpoint/apimachinery/schema';

/** Who a write is from: what the request says of itself, else the program of its user agent. */
export function managerName(fieldManager: string, userAgent: string | undefined): string {
  return fieldManager === '' ? programOf(userAgent ?? '') : fieldManager;
}

/** The user agent up to its first slash, without what cannot be printed, as long as a name may be. */
function programOf(userAgent: string): string {
  const head = userAgent.split('/', 1)[0] as string;
  let name = '';
  let length = 0;
  for (const character of textOf(head)) {
    if (!isPrintable(character)) continue;
    length += Buffer.byteLength(character);
    if (length > fieldManagerLimit) break;
    name += character;
  }
  return name;
}

/** Headers arrive byte by byte; to the server they are UTF-8. */
function textOf(header: string): string {
  return /[\x80-\xff]/.test(header) ? Buffer.from(header, 'latin1').toString('utf8') : header;
}
