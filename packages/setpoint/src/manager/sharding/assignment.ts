/**
 * The shard of a key, the same in every process and every release: the 32-bit FNV-1a hash of the key's text in UTF-8,
 * its bits mixed by the finalizer of MurmurHash3 (the last bits of FNV depend on the last bits of the text alone), modulo
 * the number of shards. The text is `namespace/name`, with nothing before the slash for what is in no namespace; of a
 * keyed controller it is the key's `id`.
 */
export function shardOf(id: string, shards: number): number {
  return hash(id) % shards;
}

/**
 * Who works on which shard, by shard: of members that see the same others, all come to the same answer. Rendezvous
 * hashing, evened out: no member has two shards more than another. Whoever comes or goes moves its own share and, now
 * and then, a shard of others.
 *
 * @param members in any order; at least one, none twice
 */
export function assign(members: readonly string[], shards: number): readonly string[] {
  const owners: string[] = Array.from({ length: shards });
  const counts = new Map(members.map((member) => [member, 0]));
  const least = Math.floor(shards / members.length);
  let extra = shards % members.length;
  for (const { member, shard } of ranking(members, shards)) {
    const count = counts.get(member) as number;
    if (owners[shard] !== undefined || count > least || (count === least && extra === 0)) continue;
    if (count === least) extra--;
    owners[shard] = member;
    counts.set(member, count + 1);
  }
  return owners;
}

/** Every member with every shard, those that fit best first. */
function ranking(members: readonly string[], shards: number) {
  const pairs = members.flatMap((member) =>
    Array.from({ length: shards }, (_, shard) => ({ member, shard, weight: hash(`${member} ${shard}`) })),
  );
  return pairs.sort((a, b) => b.weight - a.weight || a.shard - b.shard || (a.member < b.member ? -1 : 1));
}

function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Names of Kubernetes are ASCII.
    if (unit > 0x7f) return mix(hashBytes(new TextEncoder().encode(text)));
    h = Math.imul(h ^ unit, 0x01000193);
  }
  return mix(h);
}

function hashBytes(bytes: Uint8Array): number {
  let h = 0x811c9dc5;
  for (const byte of bytes) h = Math.imul(h ^ byte, 0x01000193);
  return h;
}

function mix(hashed: number): number {
  let h = hashed;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
