import { type Scenario, scenario } from '../scenario.ts';
import { crd, crds } from './fixtures.ts';

const area = 'cel definitions';

type Json = Record<string, unknown>;

const rules = (...list: readonly (string | Json)[]): Json => ({
  'x-kubernetes-validations': list.map((one) => (typeof one === 'string' ? { rule: one } : one)),
});
const object = (properties: Json, more: Json = {}): Json => ({ type: 'object', properties, ...more });
const text = { type: 'string' };
const int = { type: 'integer' };
const root = (properties: Json, more: Json = {}): Json => object({ spec: object(properties, more) });
const list = (items: Json, more: Json = {}): Json => ({ type: 'array', items, ...more });
const keyed = (items: Json, more: Json = {}): Json =>
  list(items, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], ...more });
const map = (values: Json, more: Json = {}): Json => ({ type: 'object', additionalProperties: values, ...more });
const on = (...list: readonly (string | Json)[]): Json => root({ a: int, b: text }, rules(...list));

/** Schemas by what is odd about their rules; each group is one scenario. */
const groups: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  'texts of rules': {
    'no rule': on(''),
    'a blank rule': on('  '),
    'a blank message': on({ rule: 'true', message: ' ' }),
    'a message of two lines': on({ rule: 'true', message: 'a\nb' }),
    'a rule of two lines without a message': on('self.a > 0 &&\nself.a < 9'),
    'a rule of two lines with a message': on({ rule: 'self.a > 0 &&\nself.a < 9', message: 'm' }),
    'a blank messageExpression': on({ rule: 'true', messageExpression: '  ' }),
    'an unknown reason': on({ rule: 'true', reason: 'FieldValueOdd' }),
    'each reason': on(
      { rule: 'true', reason: 'FieldValueInvalid' },
      { rule: 'true', reason: 'FieldValueRequired' },
      { rule: 'true', reason: 'FieldValueForbidden' },
      { rule: 'true', reason: 'FieldValueDuplicate' },
    ),
    'an unknown member': on({ rule: 'true', weight: 1 }),
  },
  'paths of fields': {
    'a field': on({ rule: 'true', fieldPath: '.a' }),
    'a field in brackets': on({ rule: 'true', fieldPath: "['a']" }),
    'no point': on({ rule: 'true', fieldPath: 'a' }),
    'a field that is not there': on({ rule: 'true', fieldPath: '.c' }),
    'a blank path': on({ rule: 'true', fieldPath: ' ' }),
    'two lines': on({ rule: 'true', fieldPath: '.a\n' }),
    'an item of a list': root({ l: list(text) }, rules({ rule: 'true', fieldPath: '.l[0]' })),
    'a key of a map': root({ m: map(text) }, rules({ rule: 'true', fieldPath: ".m['k']" })),
    'a quote in a key': root({ m: map(text) }, rules({ rule: 'true', fieldPath: ".m['it\\'s']" })),
    'an odd escape': root({ m: map(text) }, rules({ rule: 'true', fieldPath: ".m['\\q']" })),
    'an open bracket': on({ rule: 'true', fieldPath: "['a'" }),
    'an end at a point': on({ rule: 'true', fieldPath: '.a.' }),
    'the whole': root({ l: map(object({ x: text })) }, rules({ rule: 'true', fieldPath: '.l.some.x' })),
  },
  'rules that do not compile': {
    'a syntax error': on('self.a >'),
    'an unknown field': on('self.c == 1'),
    'an unknown field in has': on('has(self.c)'),
    'an unknown variable': on('object.a == 1'),
    'an unknown function': on('frobnicate(self.a)'),
    'another type': on('self.a == "x"'),
    'an object added to a number': on('self + 1 == 2'),
    'a number': on('self.a'),
    'a dynamic result': root({ a: { 'x-kubernetes-int-or-string': true } }, rules('self.a')),
    'two errors': on('self.c == 1 && self.d == 2'),
    'a constant that fails': on("self.b.matches('(')"),
    'a bad duration': on("duration('x') == duration('1s')"),
    'a messageExpression that does not compile': on({ rule: 'true', messageExpression: 'self.c' }),
    'a messageExpression of a number': on({ rule: 'true', messageExpression: 'self.a' }),
    'a messageExpression of a syntax error': on({ rule: 'true', messageExpression: "'x" }),
    'both wrong': on({ rule: 'self.c', messageExpression: 'self.d' }),
    'a rule and a keyword wrong': root({ a: { type: 'text' } }, rules('self.c')),
    'a rule beside a wrong sibling': object({
      spec: object({ a: int }, rules('self.c')),
      other: { type: 'array', items: text, uniqueItems: true },
    }),
  },
  'what rules may see': {
    'apiVersion, kind and names at the root': object(
      { spec: object({}) },
      rules("self.apiVersion != '' && self.kind != '' && self.metadata.name != '' && self.metadata.generateName == ''"),
    ),
    'labels at the root': object({ spec: object({}) }, rules('size(self.metadata.labels) == 0')),
    'metadata of a part': on("self.metadata.name == ''"),
    'metadata of an embedded resource': root({
      e: object(
        {},
        {
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
          ...rules("self.metadata.name != '' && self.kind != ''"),
        },
      ),
    }),
    'unknown fields': root({ p: object({}, { 'x-kubernetes-preserve-unknown-fields': true }) }, rules('self.p.x == 1')),
    'untyped unknown fields': root({ p: { 'x-kubernetes-preserve-unknown-fields': true } }, rules('has(self.p)')),
    'rules on untyped unknown fields': root({ p: { 'x-kubernetes-preserve-unknown-fields': true, ...rules('true') } }),
    'lists of untyped unknown fields': root({
      l: list({ 'x-kubernetes-preserve-unknown-fields': true }, rules('true')),
    }),
    'int or string': root({ a: { 'x-kubernetes-int-or-string': true } }, rules("self.a == 1 || self.a == 'x'")),
    formats: root(
      {
        t: { ...text, format: 'date-time' },
        d: { ...text, format: 'date' },
        p: { ...text, format: 'duration' },
        y: { ...text, format: 'byte' },
        u: { ...text, format: 'uuid' },
      },
      rules(
        "self.t > timestamp('2020-01-01T00:00:00Z') && self.d > timestamp('2020-01-01T00:00:00Z')",
        "self.p > duration('1s') && self.y == b'x' && self.u == ''",
      ),
    ),
    'a date as a text': root({ t: { ...text, format: 'date-time' } }, rules("self.t == ''")),
    'escaped names': root(
      { 'a-b': int, 'c.d': int, 'e/f': int, __g: int, namespace: int, int },
      rules(
        'self.a__dash__b + self.c__dot__d + self.e__slash__f + self.__underscores__g + self.__namespace__ + self.int > 0',
      ),
    ),
    'names that cannot be written': root({ 'a b': int, '1x': int }, rules('self.a == 1')),
    'rules on a name that cannot be written': root({ 'a b': { ...int, ...rules('self > 0') } }),
    'a list of lists': root({ l: list(list(int)) }, rules('self.l[0][0] == 1')),
    'a map': root({ m: map(int) }, rules("self.m['a'] == 1 && self.m.a == 1 && self.m.all(k, k != '')")),
    libraries: on(
      "isURL(self.b) && url(self.b).getHost() == ''",
      "isQuantity(self.b) && quantity(self.b).isGreaterThan(quantity('1'))",
      "isIP(self.b) && ip(self.b).family() == 4 && cidr('10.0.0.0/8').containsIP(self.b)",
      'isSemver(self.b) && semver(self.b).major() == 1',
      '!format.dns1123Label().validate(self.b).hasValue()',
      "self.b.find('[0-9]+') == '' && self.b.lowerAscii() == ''",
      'sets.contains([1, 2], [self.a])',
      '[1, 2].transformList(i, v, i + v) == [self.a]',
      'math.greatest(self.a, 1) == 1',
      'cel.bind(x, self.a, x > 0)',
      'self.?a.orValue(1) == 1',
      'authorizer.path("/x").check("get").allowed()',
    ),
  },
  'old values': {
    'at the root': object({ spec: object({ a: int }) }, rules('self.spec.a >= oldSelf.spec.a')),
    'in a list': root({ l: list(object({ a: int }, rules('self.a >= oldSelf.a'))) }),
    'in a set': root({ l: list({ ...int, ...rules('self >= oldSelf') }, { 'x-kubernetes-list-type': 'set' }) }),
    'in a list map': root({
      l: keyed(object({ k: text, a: int }, { required: ['k'], ...rules('self.a >= oldSelf.a') })),
    }),
    'of a whole list': root({ l: list(int, rules('size(self) >= size(oldSelf)')) }),
    'in an atomic map': root({
      m: object({ a: { ...int, ...rules('self >= oldSelf') } }, { 'x-kubernetes-map-type': 'atomic' }),
    }),
    'in a map': root({ m: map({ ...int, ...rules('self >= oldSelf') }) }),
    'deep in a list': root({
      l: list(
        object({
          o: object({ m: keyed(object({ k: { ...text, ...rules('self == oldSelf') } }, { required: ['k'] })) }),
        }),
      ),
    }),
    optional: on({ rule: '!oldSelf.hasValue() || oldSelf.value().a < self.a', optionalOldSelf: true }),
    'optional and used as if it were there': on({ rule: 'oldSelf.a < self.a', optionalOldSelf: true }),
    'optional and not used': on({ rule: 'self.a > 0', optionalOldSelf: true }),
    'optional false and not used': on({ rule: 'self.a > 0', optionalOldSelf: false }),
    'optional false': on({ rule: 'self.a >= oldSelf.a', optionalOldSelf: false }),
    'optional in a list': root({
      l: list({ ...int, ...rules({ rule: 'oldSelf.hasValue()', optionalOldSelf: true }) }),
    }),
    'in messageExpression alone': on({ rule: 'self.a > 0', messageExpression: 'string(oldSelf.a)' }),
  },
  'what rules may cost': {
    'all items of a list': root({ l: list(text) }, rules("self.l.all(x, x.contains('a'))")),
    'all pairs of a list': root({ l: list(text) }, rules('self.l.all(x, self.l.all(y, x != y))')),
    'all pairs of a bounded list': root(
      { l: list({ ...text, maxLength: 10 }, { maxItems: 100 }) },
      rules('self.l.all(x, self.l.all(y, x != y))'),
    ),
    'a rule in a list': root({ l: list({ ...text, ...rules("self.matches('^[a-z]+$')") }) }),
    'a rule in a bounded list': root({
      l: list({ ...text, maxLength: 20, ...rules("self.matches('^[a-z]+$')") }, { maxItems: 10 }),
    }),
    'a rule in a list of lists': root({ l: list(list({ ...int, ...rules('self > 0') })) }),
    'a rule in a map': root({ m: map({ ...text, ...rules("self.startsWith('a')") }) }),
    'a rule in a bounded map': root({
      m: map({ ...text, maxLength: 5, ...rules("self.startsWith('a')") }, { maxProperties: 5 }),
    }),
    'a little too much': root({
      l: list({ ...text, maxLength: 26, ...rules("self.contains('abc')") }, { maxItems: 5000000 }),
    }),
    'ten times too much': root({
      l: list({ ...text, maxLength: 100, ...rules("self.contains('abc')") }, { maxItems: 5000000 }),
    }),
    'a message': root(
      { l: list(text) },
      rules({ rule: 'true', messageExpression: "self.l.map(x, self.l.map(y, x + y).join(',')).join(',')" }),
    ),
    'enums and formats': root(
      {
        l: list({ ...text, enum: ['a', 'bb', 'ccc'] }),
        d: list({ ...text, format: 'duration' }),
      },
      rules('self.l.all(x, self.l.exists(y, x == y))', 'self.d.all(x, self.d.exists(y, x == y))'),
    ),
    'required fields make items larger': root({
      l: list(
        object(
          { first: text, second: int, third: { type: 'boolean' } },
          { required: ['first', 'second', 'third'], ...rules("self.first.startsWith('a')") },
        ),
      ),
    }),
    'int or string': root(
      { l: list({ 'x-kubernetes-int-or-string': true }) },
      rules("self.l.all(x, type(x) == int || string(x).contains('%'))"),
    ),
    'many rules that are each allowed': root(
      Object.fromEntries(
        Array.from({ length: 24 }, (_, i) => [
          `f${i}`,
          list({ ...text, maxLength: 30, ...rules("self.contains('abc')") }, { maxItems: 500_000 + 5000 * i }),
        ]),
      ),
    ),
    'sums and sorts': root(
      { l: list(int) },
      rules('self.l.sum() > 0 && self.l.isSorted() && self.l.indexOf(1) >= 0', 'self.l.sort() == self.l'),
    ),
    sets: root(
      { l: list(text, { maxItems: 50 }) },
      rules('sets.contains(self.l, self.l) && sets.equivalent(self.l, self.l)'),
    ),
  },
  'rules and defaults': {
    'a default that a rule refuses': root({ a: { ...int, default: 0, ...rules('self > 0') } }),
    'a default that a rule takes': root({ a: { ...int, default: 1, ...rules('self > 0') } }),
    'a default that an inner rule refuses': root({
      o: object(
        { a: { ...int, ...rules({ rule: 'self > 0', message: 'must be positive', reason: 'FieldValueForbidden' }) } },
        { default: { a: 0 } },
      ),
    }),
    'a default that is no change': root({ a: { ...int, default: 1, ...rules('self == oldSelf') } }),
    'a default that may not be new': root({
      a: { ...int, default: 1, ...rules({ rule: 'oldSelf.hasValue()', optionalOldSelf: true }) },
    }),
    'a default that a rule stumbles over': root({
      o: object({ a: int, b: int }, { default: { a: 1 }, ...rules('self.a == self.b') }),
    }),
    'a default with a rule that does not compile': root({ a: { ...int, default: 1, ...rules('self == "x"') } }),
    'a default of an embedded resource': root({
      e: object(
        {},
        {
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
          default: { apiVersion: 'v1', kind: 'X', metadata: { name: 'n' } },
          ...rules("self.metadata.name == 'm'"),
        },
      ),
    }),
  },
  'rules in odd places': {
    'in anyOf': root({ a: { ...int, anyOf: [{ ...rules('self > 0') }] } }),
    'in allOf': root({ a: { ...int, allOf: [{ ...rules('self > 0') }] } }),
    'in not': root({ a: { ...int, not: { ...rules('self > 0') } } }),
    'in metadata': object({
      metadata: object({ name: { ...text, ...rules("self.startsWith('a')") } }),
      spec: object({}),
    }),
    'on metadata': object({ metadata: object({ name: text }, rules("self.name.startsWith('a')")), spec: object({}) }),
    'at the root with a status': object(
      { spec: object({}), status: object({ a: int }, rules('self.a > 0')) },
      rules('has(self.spec)'),
    ),
    'in an embedded metadata': root({
      e: object(
        { metadata: object({ name: { ...text, ...rules("self != ''") } }) },
        { 'x-kubernetes-embedded-resource': true },
      ),
    }),
  },
};

export const ruleDefinitions: readonly Scenario[] = Object.entries(groups).flatMap(([name, cases]) =>
  halves(Object.entries(cases)).map((part, i) =>
    scenario(area, i === 0 ? `judge ${name}` : `judge ${name} (${i + 1})`, async (server) => {
      for (const [title, schema] of part) {
        const body = crd(server, { schema }) as { metadata: Json };
        server.record(title, schema);
        await server.post(`${crds}?dryRun=All`, body);
      }
    }),
  ),
);

/** Short enough that a difference is found. */
function halves<T>(items: readonly T[]): readonly (readonly T[])[] {
  const parts: T[][] = [];
  for (let i = 0; i < items.length; i += 5) parts.push(items.slice(i, i + 5));
  return parts;
}
