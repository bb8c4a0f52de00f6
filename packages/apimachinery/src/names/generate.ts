import type { Random } from '../clock/index.ts';

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** What the server makes of metadata.generateName: at most 58 characters of it and five of chance. */
export function generateName(base: string, random: Random): string {
  let name = base.slice(0, 58);
  for (let i = 0; i < 5; i++) name += alphabet[random.integer(alphabet.length)];
  return name;
}
