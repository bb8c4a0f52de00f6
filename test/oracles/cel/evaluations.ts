import type { Random } from '@setpoint/apimachinery/clock';

/** Random expressions that mostly have types, and random data for their variables. */

export const schema = {
  type: 'object',
  properties: {
    replicas: { type: 'integer' },
    ratio: { type: 'number' },
    name: { type: 'string' },
    flag: { type: 'boolean' },
    port: { 'x-kubernetes-int-or-string': true },
    blob: { type: 'string', format: 'byte' },
    when: { type: 'string', format: 'date-time' },
    wait: { type: 'string', format: 'duration' },
    maybe: { type: 'integer', nullable: true },
    'a-b.c': { type: 'string' },
    namespace: { type: 'string' },
    numbers: { type: 'array', items: { type: 'integer' } },
    tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    entries: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['key'],
      items: { type: 'object', properties: { key: { type: 'string' }, weight: { type: 'integer' } } },
    },
  },
} as const;

const simple = (kind: string, name = kind) => ({ kind, name, parameters: [] });
const list = (element: object) => ({ kind: 'list', name: 'list', parameters: [element] });
const text = simple('string');
const number = simple('int');

/** The types of the variables, as both sides read them. */
export const variables = { self: simple('struct', 'Self'), any: simple('dyn') };

export const types = {
  Self: {
    replicas: number,
    ratio: simple('double'),
    name: text,
    flag: simple('bool'),
    port: simple('dyn'),
    blob: simple('bytes'),
    when: simple('timestamp', 'google.protobuf.Timestamp'),
    wait: simple('duration', 'google.protobuf.Duration'),
    maybe: number,
    a__dash__b__dot__c: text,
    __namespace__: text,
    numbers: list(number),
    tags: list(text),
    labels: { kind: 'map', name: 'map', parameters: [text, text] },
    entries: list(simple('struct', 'Entry')),
  },
  Entry: { key: text, weight: number },
};

/** What can stand where a value of a kind is wanted: the end of all nesting. Choices are parted by lone bars. */
const leaves = {
  int: '0|1|-1|2|7|10|9223372036854775807|-9223372036854775808|self.replicas|self.maybe|any.i|any.list[0]|size(self.tags)',
  uint: '0u|1u|18446744073709551615u|any.u|uint(self.replicas)',
  double: '0.0|1.5|-2.25|1e100|1234567.891|0.1|self.ratio|any.d|double("NaN")|double("-Infinity")',
  string: `''|'a'|'héllo wörld 😀'|'a,b,c'|'Ab1'|self.name|self.a__dash__b__dot__c|self.__namespace__|any.s|'1Gi'|'10.0.0.1'`,
  bool: 'true|false|self.flag|any.b|has(self.maybe)|has(self.labels.a)|has(any.x.y)',
  bytes: `b''|b'abc'|b'\\xff\\x00'|self.blob`,
  ints: '[]|[1, 2, 3]|[3, 1, 2, 1]|self.numbers|any.list|[self.replicas, 1]',
  strings: `[]|['a', 'b']|['b', 'a', 'b']|self.tags|[self.name, 'x']`,
  map: `{}|{'a': 'x'}|self.labels|{'a': self.name, 'k': 'v'}`,
  time:
    `timestamp('2020-02-29T12:34:56.789Z')|timestamp('0001-01-01T00:00:00Z')|timestamp('2023-07-04T01:02:03+05:30')` +
    '|self.when|timestamp(1234567890)',
  duration: `duration('1h30m')|duration('-1.5s')|duration('9000000000s')|duration('1ns')|self.wait`,
  dyn:
    'any.i|any.s|any.list|any.m|any.n|any.missing|self.port|dyn(1)|dyn(1.0)|dyn(1u)|dyn("a")|dyn([1])|dyn(null)' +
    '|any.m.a|any.u',
  quantity:
    `quantity('1Gi')|quantity('1500m')|quantity('-3')|quantity('1e3')|quantity('0.1')|quantity(self.name)` +
    `|quantity('1234567890123456789012')`,
  ip: `ip('10.0.0.1')|ip('::1')|ip('fe80::1')|ip('224.0.0.5')|ip(self.name)`,
  cidr: `cidr('10.0.0.0/8')|cidr('192.168.1.5/24')|cidr('2001:db8::/33')|cidr(self.name)`,
  semver: `semver('1.2.3')|semver('1.2.3-rc.1')|semver('v01.2', true)|semver('2.0.0-alpha+b')|semver(self.name)`,
  url:
    `url('https://user:pw@example.com:8080/a%20b/c?x=1&y=2&x=3#frag')|url('http://[::1]:80/p')|url('/only/path')` +
    '|url(self.name)',
  optional:
    'optional.none()|optional.of(1)|optional.ofNonZeroValue(self.replicas)|self.?maybe|any.?i|any.?list[?0]' +
    '|[1, 2][?1]|self.?numbers[?0]',
  entries: 'self.entries|self.entries.filter(e, e.weight > 0)',
};

type Kind = keyof typeof leaves;

const kinds = Object.keys(leaves) as Kind[];

const arithmetic = (kind: string) =>
  `($${kind} + $${kind})|($${kind} - $${kind})|($${kind} * $${kind})|($${kind} / $${kind})`;

/** The same with parts: `$kind` is filled in. */
const nodes: Readonly<Record<Kind, string>> = {
  int:
    `${arithmetic('int')}|($int % $int)|-$int|$bool ? $int : $int|$string.size()|$ints.size()|$map.size()|size($bytes)` +
    '|int($string)|int($double)|int($uint)|int($time)|int($duration)|$time.getFullYear()|$time.getMonth()|$time.getDate()' +
    '|$time.getDayOfYear()|$time.getHours("America/New_York")|$time.getDayOfWeek("+05:45")|$time.getMinutes("-02:30")' +
    '|$time.getMilliseconds()|$duration.getHours()|$duration.getMinutes()|$duration.getSeconds()|$ints[$int]' +
    '|$duration.getMilliseconds()|$ints.sum()|$ints.max()|$ints.min()|$ints.indexOf($int)|$ints.lastIndexOf($int)' +
    '|$string.indexOf($string)|$string.lastIndexOf($string)|$string.indexOf($string, $int)|$quantity.asInteger()' +
    '|$quantity.compareTo($quantity)|sign($quantity)|$ip.family()|$cidr.prefixLength()|$semver.major()|$optional.value()' +
    '|$semver.compareTo($semver)|$optional.orValue($int)|$string.lastIndexOf($string, $int)|$entries[0].weight' +
    '|$entries.map(e, e.weight).sum()|$optional.optMap(o, o + 1).orValue($int)',
  uint: `${arithmetic('uint')}|($uint % $uint)|uint($int)|uint($double)|uint($string)|$bool ? $uint : $uint`,
  double:
    `${arithmetic('double')}|-$double|double($int)|double($string)|double($uint)|$quantity.asApproximateFloat()` +
    '|[$double, $double].max()|[$double, 1.0].sum()',
  string:
    '($string + $string)|$bool ? $string : $string|string($int)|string($double)|string($bool)|string($uint)' +
    '|string($bytes)|string($time)|string($duration)|$string.substring($int)|$string.substring($int, $int)' +
    '|$string.charAt($int)|$string.replace($string, $string)|$string.replace($string, $string, $int)' +
    '|$string.lowerAscii()|$string.upperAscii()|$string.trim()|$strings.join($string)|$strings.join()' +
    `|strings.quote($string)|$map[$string]|$strings[$int]|$string.find('[a-z]+')|$string.find($string)` +
    `|'%s %d'.format([$string, $int])|'%.2f:%e'.format([$double, $double])|'%x %X %o %b'.format([$int, $string, $int, $int])` +
    `|'%s'.format([$ints])|'%s'.format([$map])|'%s'.format([$dyn])|'%s %s'.format([$time, $duration])|$url.getHost()` +
    '|$url.getPort()|$url.getEscapedPath()|$url.getHostname()|$url.getScheme()|string($ip)|string($cidr)' +
    '|$entries[0].key|string($dyn)|string(type($dyn))',
  bool:
    '($bool && $bool)|($bool || $bool)|!$bool|$bool ? $bool : $bool|($int == $int)|($int != $int)|($int < $int)' +
    '|($int >= $double)|($uint > $int)|($double <= $uint)|($string == $string)|($string < $string)|($ints == $ints)' +
    '|($strings == $strings)|($map == $map)|($strings != $strings)|($time < $time)|($duration == $duration)' +
    '|($bytes < $bytes)|($dyn == $dyn)|($dyn != $dyn)|($int in $ints)|($string in $strings)|($string in $map)' +
    '|($int in [1, 2, 3])|($dyn in [1, 2])|$string.contains($string)|$string.startsWith($string)' +
    `|$string.endsWith($string)|$string.matches('^[a-z]*$')|$string.matches($string)|$ints.all(x, x > $int)` +
    '|$ints.exists(x, x == $int)|$ints.exists_one(x, x > $int)|$strings.all(x, x.size() < 3 || $bool)' +
    '|$map.all(k, $map[k] == "x")|$map.exists(k, k == $string)|$ints.all(i, x, i < x)|$map.exists(k, v, k == v)' +
    '|$ints.isSorted()|$strings.isSorted()|isQuantity($string)|$quantity.isGreaterThan($quantity)' +
    '|($quantity == $quantity)|$quantity.isInteger()|isIP($string)|ip.isCanonical($string)|$ip.isLoopback()' +
    '|$ip.isGlobalUnicast()|$ip.isLinkLocalUnicast()|$ip.isUnspecified()|$cidr.containsIP($ip)' +
    '|$cidr.containsIP($string)|$cidr.containsCIDR($cidr)|$cidr.containsCIDR($string)|isCIDR($string)' +
    '|isSemver($string)|isSemver($string, true)|$semver.isLessThan($semver)|($semver == $semver)|isURL($string)' +
    '|($url == $url)|sets.contains($ints, $ints)|sets.intersects($strings, $strings)|sets.equivalent($ints, $ints)' +
    '|$optional.hasValue()|bool($string)|format.dns1123Label().validate($string).hasValue()' +
    '|format.named("uri").value().validate($string).hasValue()|($entries == $entries)' +
    '|$entries.exists(e, e.key == $string)|($ip == $ip)|($cidr == $cidr)|(type($dyn) == int)|has($entries[0].weight)' +
    '|($optional == $optional)|($dyn < $dyn)|($dyn == $int)|($string == $dyn)',
  bytes: '($bytes + $bytes)|bytes($string)|$bool ? $bytes : $bytes',
  ints:
    '($ints + $ints)|$ints.map(x, x * 2)|$ints.filter(x, x > $int)|$ints.map(x, x > 1, x + $int)' +
    '|$ints.slice($int, $int)|$ints.sort()|$ints.distinct()|$ints.reverse()|[$ints, $ints].flatten()|lists.range(3)' +
    '|$ints.transformList(i, x, i + x)|$ints.transformList(i, x, x > 1, i)|$ints.sortBy(x, -x)|[$int, $int]' +
    '|$bool ? $ints : $ints|[?$optional, 1]|optional.unwrap([$optional])|$entries.map(e, e.weight)',
  strings:
    '($strings + $strings)|$string.split($string)|$string.split($string, $int)|$strings.map(x, x + "!")' +
    '|$strings.filter(x, x != $string)|$strings.sort()|$strings.distinct()|$string.findAll("[a-z]")' +
    '|$string.findAll($string, $int)|$map.map(k, k).sort()|[$string, $string]|$strings.reverse()' +
    '|$entries.map(e, e.key)|format.dns1035Label().validate($string).orValue([])' +
    '|format.qualifiedName().validate($string).orValue([])',
  map:
    '{$string: $string}|$strings.transformMap(i, v, v)|$map.transformMap(k, v, v + "!")' +
    '|$strings.transformMapEntry(i, v, {v: v})|$bool ? $map : $map|{?"o": optional.of($string)}',
  time: '($time + $duration)|($time - $duration)|($duration + $time)|timestamp($string)|timestamp($int)|[$time, $time].min()',
  duration:
    '($duration + $duration)|($time - $time)|($duration - $duration)|duration($string)|[$duration, $duration].sum()',
  dyn:
    'dyn($int)|dyn($string)|dyn($double)|[$dyn, $dyn]|{"a": $dyn}|any[$string]|any.list[$int]' +
    '|$bool ? dyn($int) : dyn($string)|($dyn + $dyn)|$dyn.a|$dyn[$dyn]|-$dyn|($dyn * $dyn)',
  quantity:
    '$quantity.add($quantity)|$quantity.sub($quantity)|$quantity.add($int)|$quantity.sub($int)|quantity($string)',
  ip: '$cidr.ip()|ip($string)',
  cidr: '$cidr.masked()|cidr($string)',
  semver: 'semver($string)|semver($string, $bool)',
  url: 'url($string)',
  optional:
    '$optional.or($optional)|$ints[?$int]|optional.of($int)|$bool ? $optional : $optional|$ints.first()' +
    '|$ints.last()|$optional.optMap(o, o * 2)|$optional.optFlatMap(o, optional.of(o))',
  entries: '$entries.filter(e, e.key != $string)|($entries + $entries)',
};

/** Bars within quotes and those of `||` belong to expressions. */
const choices = (table: string): readonly string[] => table.split(/(?<!\|)\|(?!\|)/);

export class EvaluationMaker {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  expression(): string {
    return this.#of(this.#pick(kinds), 1 + this.#random.integer(4));
  }

  /** An object of the schema; what may be missing sometimes is. */
  self(): Record<string, unknown> {
    const all: Record<string, unknown> = {
      replicas: this.#pick([0, 1, 3, -5, 2 ** 31]),
      ratio: this.#pick([0, 0.5, 1, -3.25, 1e21]),
      name: this.#pick([
        '',
        'a',
        'web-1',
        'ünï',
        '10.0.0.0/8',
        '1.2.3',
        '250m',
        'https://x.y/z?q=1',
        '2020-01-01T00:00:00Z',
      ]),
      flag: this.#pick([true, false]),
      port: this.#pick([80, 'http']),
      blob: this.#pick(['', 'YWJj', 'AAEC']),
      when: this.#pick(['2024-01-31T23:59:59Z', '2024-01-31T23:59:59.123456+02:00', '1969-12-31T23:59:59Z']),
      wait: this.#pick(['0s', '1h', '1.5s', '-3m']),
      maybe: this.#pick([null, 4]),
      'a-b.c': this.#pick(['', 'dashed']),
      namespace: this.#pick(['default', 'kube-system']),
      numbers: this.#pick([[], [1], [5, 2, 9], [1, 1]]),
      tags: this.#pick([[], ['a'], ['b', 'a'], ['x', 'y', 'z']]),
      labels: this.#pick([{}, { a: 'x' }, { a: 'x', b: 'b' }]),
      entries: this.#pick([[], [{ key: 'a', weight: 1 }], [{ key: 'b', weight: 2 }, { key: 'a' }]]),
    };
    return Object.fromEntries(Object.entries(all).filter(() => this.#random.next() > 0.1));
  }

  any(): Record<string, unknown> {
    return {
      i: this.#pick([0, 1, -7, Number.MAX_SAFE_INTEGER]),
      u: this.#pick([1, 2]),
      d: this.#pick([0.5, -1.25]),
      s: this.#pick(['', 'a', 'key']),
      b: this.#pick([true, false]),
      n: null,
      list: this.#pick([[], [1, 2], ['a'], [1, 'b', null, [2]]]),
      m: this.#pick([{}, { a: 1 }, { a: 'x', b: [1] }]),
      x: this.#pick([{}, { y: 1 }]),
    };
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.integer(items.length)] as T;
  }

  #of(kind: Kind, depth: number): string {
    if (depth <= 0) return this.#pick(choices(leaves[kind]));
    const template = this.#pick(choices(this.#random.next() < 0.15 ? leaves[kind] : nodes[kind]));
    return template.replace(/\$([a-z]+)/g, (_, name: Kind) => this.#of(name, depth - 1));
  }
}
