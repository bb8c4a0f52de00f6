import { podTemplateDump } from './go-dump.ts';

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * The label that tells the pods of one template from those of another: the 32-bit FNV-1a hash of the template's Go
 * values, in letters that spell no words.
 */
export function templateHash(template: object, collisionCount: number | undefined): string {
  const hash = fnv32a();
  hash.write(new TextEncoder().encode(podTemplateDump(template)));
  if (collisionCount !== undefined) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setUint32(0, collisionCount, true);
    hash.write(bytes);
  }
  return safeText(String(hash.sum()));
}

/** FNV-1a of 32 bits. */
export function fnv32a(): { write(bytes: Uint8Array): void; sum(): number } {
  let hash = 0x811c9dc5;
  return {
    write(bytes) {
      for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
    },
    sum: () => hash >>> 0,
  };
}

/** As rand.SafeEncodeString of k8s.io/apimachinery. */
export function safeText(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
