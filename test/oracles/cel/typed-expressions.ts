// Random CEL expressions, most of them wrong: over variables of many types, with the functions of all libraries.
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullableType,
  objectType,
  opaqueType,
  optionalType,
  stringType,
  type Type,
  timestampType,
  uintType,
} from '@setpoint/apimachinery/cel';
import type { Random } from '@setpoint/apimachinery/clock';

const object = objectType('Obj');
const inner = objectType('Inner');

export const structs: Readonly<Record<string, Readonly<Record<string, Type>>>> = {
  Obj: {
    name: stringType,
    count: intType,
    tags: listType(stringType),
    labels: mapType(stringType, stringType),
    inner,
    inners: listType(inner),
    x: dynType,
    q: objectType('kubernetes.Quantity'),
    ip: opaqueType('net.IP'),
  },
  Inner: { value: stringType, n: intType, on: boolType },
};

export const variables: Readonly<Record<string, Type>> = {
  s: stringType,
  i: intType,
  u: uintType,
  d: doubleType,
  b: boolType,
  y: bytesType,
  n: dynType,
  t: timestampType,
  du: durationType,
  ws: nullableType(stringType),
  ls: listType(stringType),
  li: listType(intType),
  ld: listType(doubleType),
  lb: listType(bytesType),
  lls: listType(listType(stringType)),
  ms: mapType(stringType, stringType),
  mi: mapType(stringType, intType),
  mim: mapType(intType, stringType),
  o: object,
  lo: listType(object),
  mo: mapType(stringType, object),
  opt: optionalType(stringType),
  optl: optionalType(listType(stringType)),
  authorizer: objectType('kubernetes.authorization.Authorizer'),
};

const sizedPaths = `s y n ws opt ls ls.@items li ld lb lb.@items lls lls.@items lls.@items.@items ms ms.@keys ms.@values
  mi mi.@keys mi.@values o.name o.tags o.tags.@items o.labels o.labels.@values o.labels.@keys o.inner.value o.inners
  o.inners.@items.value lo lo.@items.name lo.@items.tags lo.@items.tags.@items mo mo.@keys mo.@values.name`.split(
  /\s+/,
);

/** `S`, `I`, `E` and `F` stand for a string, a number, any expression and a field's name. */
const members = `size() contains(S) startsWith(S) endsWith(S) matches(S) find(S) findAll(S) findAll(S,I) lowerAscii()
  upperAscii() trim() replace(S,S) replace(S,S,I) split(S) split(S,I) substring(I) substring(I,I) indexOf(S)
  lastIndexOf(S) charAt(I) join() join(S) isSorted() sum() min() max() slice(I,I) flatten() flatten(I) reverse()
  distinct() sort() sortBy(v,E) all(v,E) exists(v,E) exists_one(v,E) map(v,E) map(v,E,E) filter(v,E) all(k,v,E)
  exists(k,v,E) existsOne(k,v,E) transformList(k,v,E) transformList(k,v,E,E) transformMap(k,v,E)
  transformMapEntry(k,v,{E:E}) first() last() value() hasValue() orValue(E) or(E) optMap(v,E) optFlatMap(v,E)
  getHours() getFullYear(S) format([E,E]) unwrapOpt() path(S) check(S) group(S) resource(S) allowed() compareTo(E)
  add(E) isGreaterThan(E) asInteger() containsIP(S) containsCIDR(S) masked() ip() family() validate(S) getQuery()
  getHost() name count tags labels inner inners value n x q ip foo labels.a ?name ?labels.?a orValue(S)
  fieldSelector(S) labelSelector(S) major()`.split(/\s+/);

const functions = `size(E) string(E) int(E) uint(E) double(E) bytes(E) dyn(E) type(E) has(o.F) has(ms.a) quantity(S)
  isQuantity(S) url(S) isURL(S) ip(S) isIP(S) ip.isCanonical(S) cidr(S) isCIDR(S) semver(S) isSemver(S,E)
  format.named(S) format.dns1123Label() sets.contains(E,E) sets.equivalent(E,E) sets.intersects(E,E) lists.range(I)
  optional.of(E) optional.none() optional.ofNonZeroValue(E) optional.unwrap([E]) strings.quote(S) duration(S)
  timestamp(S) duration("1h") timestamp("2024-01-01T00:00:00Z") bool(S) jsonpatch.escapeKey(S) Obj{name:S}
  Obj{count:I,?name:E} Inner{n:E,on:E} unknown(E) google.protobuf.Duration{seconds:I} matches(S,S)`.split(/\s+/);

const literals = `1 0 -1 5 2u 1.5 "abc" "" "a.*b" b"xy" true false null [] {} [1,2,3] ["a","b"] {"a":1} {"a":"b"}
  "10.0.0.0/8" "1Gi"`.split(/\s+/);

const others = `[?opt,s] {"a":E,"b":E} {?"a":opt} [?E] dyn(E) lo.map(v,v.name) lo.all(v,v.tags.exists(k,E))
  mo.all(v,mo[v].name.matches("^a"))`.split(/\s+/);

const operators = ['==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '&&', '||', ' in '];
const names = [...Object.keys(variables), 'v', 'k', 'v', 'unknown'];
const strings = ['"abc"', '"a"', 's', 'o.name', '"%d %s"', 'v', 'ms["a"]'];
const numbers = ['1', 'i', '0', '3', '-1', 'size(s)', 'o.count'];
const fields = ['name', 'count', 'inner', 'foo', 'tags'];

export class ExpressionMaker {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.#random.integer(list.length)] as T;
  }

  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  /** Lengths of some of the data. */
  sizes(): Record<string, { min: number; max: number }> {
    const known = sizedPaths.filter(() => this.chance(0.6));
    const lengths = known.map((path) => {
      const min = this.pick([0, 0, 0, 1, 3]);
      return [path, { min, max: min + this.pick([0, 1, 5, 10, 64, 253, 10_000, 3_000_000]) }] as const;
    });
    return Object.fromEntries(lengths);
  }

  expression(depth: number): string {
    if (depth <= 0) return this.chance(0.7) ? this.pick(names) : this.pick(literals);
    const one = () => this.expression(depth - 1);
    const kinds: readonly (() => string)[] = [
      () => this.pick(literals),
      () => this.pick(names),
      () => `${this.pick(names)}.${this.#fill(this.pick(members), depth)}`,
      () => `${this.pick(names)}.${this.#fill(this.pick(members), depth)}`,
      () => `(${one()}).${this.#fill(this.pick(members), depth)}`,
      () => `[${one()},${one()}]`,
      () => this.#fill(this.pick(functions), depth),
      () => this.#fill(this.pick(functions), depth),
      () => `(${one()}${this.pick(operators)}${one()})`,
      () => `(${one()}${this.pick(operators)}${one()})`,
      () => `(${one()}?${one()}:${one()})`,
      () => `${this.pick(['!', '-'])}(${one()})`,
      () => `${one()}${this.pick(['[', '[?'])}${one()}]`,
      () => this.#fill(this.pick(others), depth),
    ];
    return this.pick(kinds)();
  }

  #fill(template: string, depth: number): string {
    return template.replaceAll(/[SIEF](?![a-z])/g, (letter) => {
      if (letter === 'F') return this.pick(fields);
      if (letter === 'E' || this.chance(0.2)) return this.expression(depth - 1);
      return this.pick(letter === 'S' ? strings : numbers);
    });
  }

  /** The expression with a few letters more or less. */
  broken(expression: string): string {
    const bits = `( ) [ ] { } . , ? : + - * / % ! == != < && || in true null a 1 1.5 2u 's' b"x" .? [? # $ = & " ' if 1x`;
    let text = Array.from(expression);
    for (let count = this.pick([1, 1, 1, 2, 3]); count > 0; count--) {
      const at = this.#random.integer(text.length + 1);
      const bit = this.pick([...bits.split(' '), ' ', '\n', '//c\n', 'é', '😀']);
      const removed = this.pick([0, 0, 1, 1, 2, 3]);
      text = [...text.slice(0, at), ...(removed > 1 ? '' : bit), ...text.slice(at + removed)];
    }
    return text.join('');
  }
}
