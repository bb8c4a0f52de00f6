import { type Scenario, type ScenarioServer, scenario } from '../scenario.ts';
import { crd, widget, widgets } from './fixtures.ts';

const area = 'cel rules';

type Json = Record<string, unknown>;

const rules = (...list: readonly (string | Json)[]): Json => ({
  'x-kubernetes-validations': list.map((one) => (typeof one === 'string' ? { rule: one } : one)),
});
const object = (properties: Json, more: Json = {}): Json => ({ type: 'object', properties, ...more });
const text = { type: 'string', maxLength: 50 };
const int = { type: 'integer' };
const intOrString = { 'x-kubernetes-int-or-string': true };
const root = (properties: Json, more: Json = {}, around: Json = {}): Json =>
  object({ spec: object(properties, more), status: object({ a: int, b: int }) }, around);
const list = (items: Json, more: Json = {}): Json => ({ type: 'array', items, maxItems: 30, ...more });
const keyed = (items: Json, more: Json = {}): Json =>
  list(items, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], ...more });
const set = (items: Json): Json => list(items, { 'x-kubernetes-list-type': 'set' });
const map = (values: Json, more: Json = {}): Json => ({
  type: 'object',
  additionalProperties: values,
  maxProperties: 10,
  ...more,
});

/** A definition, and specs that are created under it one after the other. */
const creations = (name: string, schema: Json, ...specs: readonly Json[]): Scenario =>
  scenario(area, name, async (server) => {
    await server.installCrd(crd(server, { schema }));
    for (const [i, spec] of specs.entries()) await server.post(widgets(server), widget(server, `w${i}`, spec));
  });

/** An object that is created, and then patched one time after the other. */
const updates = (name: string, schema: Json, first: Json, ...patches: readonly Json[]): Scenario =>
  scenario(area, name, async (server) => {
    await server.installCrd(crd(server, { schema }));
    await server.post(widgets(server), widget(server, 'w', first));
    for (const spec of patches) await server.patch(`${widgets(server)}/w`, 'merge', { spec });
  });

/** An object that is there before its definition gets the rules, so that it may break them already. */
const ratchets = (name: string, before: Json, after: Json, first: Json, ...patches: readonly Json[]): Scenario =>
  scenario(area, name, async (server) => {
    await server.installCrd(crd(server, { schema: before }));
    await server.post(widgets(server), widget(server, 'w', first), { unrecorded: true });
    await replaceSchema(server, after);
    for (const patch of patches) {
      await server.patch(
        `${widgets(server)}/w`,
        'merge',
        'spec' in patch || 'metadata' in patch ? patch : { spec: patch },
      );
    }
  });

async function replaceSchema(server: ScenarioServer, schema: Json): Promise<void> {
  const made = crd(server, { schema }) as { metadata: { name: string }; spec: { versions: Json[] } };
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${made.metadata.name}`;
  const marked = { ...schema, description: 'the second schema' };
  const versions = made.spec.versions.map((version) => ({ ...version, schema: { openAPIV3Schema: marked } }));
  await server.patch(path, 'merge', { spec: { versions } }, { unrecorded: true });
  // The handlers are swapped some time after the definition was written.
  await server.until(`/openapi/v3/apis/${server.unique}.conformance.setpoint.dev/v1`, ({ text: document }) =>
    document.includes('the second schema'),
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
}

export const ruleScenarios: readonly Scenario[] = [
  creations(
    'refuse with the rule, the message, or what the messageExpression makes',
    root(
      { a: int, b: text },
      rules(
        'self.a > 0',
        { rule: 'self.a > 1', message: ' must be more ' },
        { rule: 'self.a > 2', messageExpression: "self.a == 0 ? 'a is none' : 'a is little'" },
        { rule: 'self.a > 3', message: 'fallback', messageExpression: "1 / (self.a - self.a) == 1 ? 'x' : 'y'" },
        { rule: 'self.a > 4', message: 'fallback', messageExpression: "'  '" },
        { rule: 'self.a > 5', message: 'fallback', messageExpression: "'two\\nlines'" },
        { rule: 'self.a > 6', messageExpression: "' trimmed '" },
      ),
    ),
    { a: 0, b: '' },
    { a: 5 },
    { a: 9 },
  ),
  creations(
    'fall back from a messageExpression that is too long',
    root(
      { a: { ...text, maxLength: 6000 } },
      rules(
        { rule: 'size(self.a) < 5', message: 'short', messageExpression: 'self.a' },
        { rule: 'size(self.a) < 6', messageExpression: "self.a + '!'" },
      ),
    ),
    { a: 'x'.repeat(5120) },
    { a: 'x'.repeat(5121) },
    { a: 'ä'.repeat(2561) },
  ),
  creations(
    'give their reasons and fields',
    root(
      { a: int, b: text, m: map(object({ x: int })), 'c-d': int },
      rules(
        { rule: 'self.a > 0', reason: 'FieldValueRequired', fieldPath: '.a' },
        { rule: 'self.a > 0', reason: 'FieldValueForbidden', fieldPath: '.b', message: 'forbidden' },
        { rule: 'self.a > 0', reason: 'FieldValueDuplicate', fieldPath: ".m['k'].x" },
        { rule: 'self.a > 0', reason: 'FieldValueInvalid', fieldPath: '.c-d' },
      ),
    ),
    { a: 0 },
  ),
  creations(
    'show the values of scalars and not of objects and lists',
    root({
      i: { ...int, ...rules('self > 5') },
      s: { ...text, ...rules({ rule: "self == 'x'", reason: 'FieldValueDuplicate' }) },
      n: { type: 'number', ...rules('self > 5.5') },
      b: { type: 'boolean', ...rules('self') },
      l: list(int, rules('size(self) > 1')),
      o: object({ a: int }, rules({ rule: 'self.a > 1', reason: 'FieldValueDuplicate' })),
      u: { ...intOrString, ...rules("type(self) == int ? self > 5 : self.endsWith('%')") },
      d: { ...text, format: 'date-time', ...rules("self > timestamp('2020-01-01T00:00:00Z')") },
    }),
    { i: 1, s: 'y', n: 1.5, b: false, l: [1], o: { a: 1 }, u: 3, d: '2019-01-01T00:00:00Z' },
    { u: 'x' },
    { u: '5%', n: 6 },
  ),
  creations(
    'fail where they stumble',
    root(
      { a: int, b: int, l: list(int), m: map(text), u: intOrString, s: text },
      rules(
        'self.a / self.b > 0',
        'self.l[self.a] == 1',
        "self.m['k'] == 'v'",
        { rule: 'self.u > 1', message: 'with a message' },
        'has(self.s) && int(self.s) > 1',
        'self.l.all(x, 10 / x > 1)',
      ),
    ),
    { a: 1, b: 0, l: [], m: {}, u: 'x', s: 'x' },
    { a: 3, b: 1, l: [1, 0], m: { k: 'v' }, u: 2, s: '2' },
    { b: 1 },
  ),
  creations(
    'cannot be checked while the object breaks its schema',
    root(
      { a: { ...int, maximum: 5 }, b: { ...text, enum: ['x'] }, c: { ...text, maxLength: 1 } },
      { ...rules('self.a > 1'), required: ['a'] },
    ),
    { a: 'x' },
    { b: 'x' },
    { a: 1, b: 'y' },
    { a: 1, c: 'xx' },
    { a: 9 },
    { a: 0 },
  ),
  creations(
    'see absent, empty and null fields',
    root(
      {
        a: { ...int, nullable: true },
        b: { ...text, nullable: true, ...rules("self != 'no'") },
        o: object({ x: int }),
        l: list({ ...int, nullable: true }),
      },
      rules(
        'has(self.a)',
        'has(self.b)',
        'has(self.o) && has(self.o.x)',
        'has(self.l) && self.l.size() > 0 && self.l[0] != 0',
      ),
    ),
    {},
    { a: null, b: null, o: null, l: null },
    { a: 1, b: 'no', o: {}, l: [null] },
    { a: 1, b: '', o: { x: 0 }, l: [1] },
  ),
  creations(
    'see defaults',
    root(
      { a: { ...int, default: 5 }, o: object({ x: { ...int, default: 1 } }, { default: {} }) },
      rules('self.a == 5 && self.o.x == 1'),
    ),
    {},
    { a: 6 },
    { o: { x: 2 } },
  ),
  creations(
    'see apiVersion, kind and names at the root',
    root(
      { a: text },
      {},
      rules(
        "self.kind == 'Widget' && self.apiVersion.endsWith('/v1')",
        {
          rule: 'self.metadata.name == self.spec.a',
          messageExpression: "self.metadata.name + ' is not ' + self.spec.a",
        },
        '!has(self.metadata.generateName)',
      ),
    ),
    { a: 'w0' },
    { a: 'w0' },
  ),
  scenario(area, 'see generated names, and rules of metadata', async (server) => {
    const metadata = object({ name: { ...text, maxLength: 12, ...rules("self.startsWith('good')") } });
    const whole = object({ metadata, spec: object({ a: int }) }, rules("self.metadata.generateName == 'good-'"));
    await server.installCrd(crd(server, { schema: whole }));
    const { metadata: _, ...body } = widget(server, '') as Json;
    await server.post(widgets(server), { ...body, metadata: { generateName: 'good-' } });
    await server.post(widgets(server), { ...body, metadata: { generateName: 'bad-' } }, { unrecorded: true });
    await server.post(widgets(server), { ...body, metadata: { name: 'bad' } });
    await server.post(widgets(server), { ...body, metadata: { name: 'good-but-long-name' } });
  }),
  creations(
    'name fields by their escaped names',
    root(
      { 'a-b': int, 'c.d': int, 'e/f': int, __g: int, namespace: int, 'h i': { ...int, ...rules('self > 0') } },
      rules(
        'self.a__dash__b > 0 && self.c__dot__d > 0',
        'self.e__slash__f > 0 && self.__underscores__g > 0 && self.__namespace__ > 0',
      ),
    ),
    { 'a-b': 1, 'c.d': 1, 'e/f': 1, __g: 1, namespace: 1, 'h i': 1 },
    { 'a-b': 1, 'c.d': 0, 'e/f': 0, __g: 1, namespace: 1, 'h i': 0 },
  ),
  creations(
    'compare sets and maps without their order',
    root(
      {
        s: set(int),
        t: set(int),
        p: list(keyed(object({ k: text, v: int }, { required: ['k'] }))),
        l: list(int),
        r: list(int),
      },
      rules('self.s == self.t', 'self.p[0] == self.p[1]', 'self.l == self.r', '(self.s + self.t).size() == 2'),
    ),
    {
      s: [1, 2],
      t: [2, 1],
      p: [
        [{ k: 'a', v: 1 }, { k: 'b' }],
        [{ k: 'b' }, { k: 'a', v: 1 }],
      ],
      l: [1, 2],
      r: [2, 1],
    },
    { s: [1, 2], t: [2, 3], p: [[{ k: 'a', v: 1 }], [{ k: 'a', v: 2 }]], l: [1], r: [1] },
  ),
  creations(
    'read texts by their formats',
    root(
      {
        t: { ...text, format: 'date-time' },
        d: { ...text, format: 'date' },
        p: { ...text, format: 'duration' },
        y: { ...text, format: 'byte' },
      },
      rules(
        'self.t.getFullYear() == 2020',
        'self.d.getMonth() == 0',
        'self.p.getHours() == 1',
        "self.y == b'hello' && size(self.y) == 5",
        "string(self.t) == '2020-01-02T03:04:05Z'",
      ),
    ),
    { t: '2020-01-02T03:04:05Z', d: '2020-01-02', p: '1h', y: 'aGVsbG8=' },
    { t: '2021-01-02T03:04:05.5Z', d: '2020-02-02', p: '90m', y: 'aGVsbA==' },
  ),
  creations(
    'use the libraries of Kubernetes',
    root(
      { b: text, l: list(text) },
      rules(
        "isQuantity(self.b) ? quantity(self.b).compareTo(quantity('1Gi')) <= 0 : true",
        "isURL(self.b) ? url(self.b).getScheme() == 'https' : true",
        "isIP(self.b) ? cidr('10.0.0.0/8').containsIP(ip(self.b)) : true",
        "isSemver(self.b) ? semver(self.b).isGreaterThan(semver('1.0.0')) : true",
        'self.l.isSorted()',
        '!format.dns1123Label().validate(self.b).hasValue()',
        "self.b.find('[0-9]+').size() < 3",
        "sets.contains(['a', 'b', 'c'], self.l)",
      ),
    ),
    { b: '2Gi', l: ['b', 'a'] },
    { b: 'http://x', l: ['a', 'x'] },
    { b: '192.168.0.1', l: [] },
    { b: '0.9.0', l: [] },
    { b: 'a1234', l: ['a', 'b'] },
  ),
  creations(
    'stand at items, values and embedded resources',
    root({
      l: list(object({ n: { ...int, ...rules('self > 0') } }, rules({ rule: 'self.n != 3', fieldPath: '.n' }))),
      m: map({ ...int, ...rules('self > 0') }),
      mm: map(map({ ...int, ...rules('self > 0') })),
      e: object(
        { spec: object({ x: int }, rules('self.x > 0')) },
        {
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
          ...rules("self.kind == 'Pod' && self.metadata.name != 'bad'"),
        },
      ),
    }),
    {
      l: [{ n: 1 }, { n: 0 }, { n: 3 }],
      m: { a: 0, 'b.c': -1 },
      mm: { x: { y: 0 } },
      e: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bad' }, spec: { x: 0 } },
    },
  ),
  creations(
    'run out of budget, of one call and of all',
    root(
      {
        l: list(text, { maxItems: 700 }),
        m: list(int, { maxItems: 1000 }),
      },
      rules(
        'size(self.l) < 100',
        { rule: '!has(self.m) || self.m.all(x, self.m.all(y, x + y >= 0))', message: 'sums' },
        'size(self.m) == 0',
      ),
    ),
    { l: Array.from({ length: 200 }, () => 'x') },
    { l: [], m: Array.from({ length: 1000 }, () => 1) },
  ),
  creations(
    'share one budget between all items of a list',
    root({
      l: list(
        list(int, {
          maxItems: 300,
          ...rules('self.all(x, self.all(y, y >= x))', 'self.all(x, self.all(y, y <= x))', {
            rule: 'self.all(x, self.all(y, y == x))',
            message: 'all the same',
          }),
        }),
        { maxItems: 10 },
      ),
    }),
    { l: Array.from({ length: 10 }, () => Array.from({ length: 300 }, () => 1)) },
    { l: Array.from({ length: 2 }, () => Array.from({ length: 100 }, () => 1)) },
  ),
  updates(
    'of transition are evaluated where there is an old value',
    root(
      {
        a: { ...int, ...rules('self >= oldSelf') },
        b: { ...text, ...rules({ rule: 'self == oldSelf', message: 'immutable' }) },
        c: int,
      },
      rules('!has(oldSelf.c) || has(self.c)'),
    ),
    { a: 1 },
    { a: 2, b: 'x' },
    { a: 1 },
    { b: 'y' },
    { b: null },
    { b: 'z' },
    { c: 1 },
    { c: null },
  ),
  updates(
    'of transition correlate items of list maps by their keys',
    root({
      m: keyed(
        object(
          { k: text, v: { ...int, ...rules('self >= oldSelf') } },
          { required: ['k'], ...rules({ rule: 'self.v <= oldSelf.v + 5', message: 'too fast' }) },
        ),
      ),
      p: map({ ...int, ...rules('self >= oldSelf') }),
    }),
    {
      m: [
        { k: 'a', v: 1 },
        { k: 'b', v: 10 },
      ],
      p: { x: 5 },
    },
    {
      m: [
        { k: 'b', v: 11 },
        { k: 'a', v: 2 },
      ],
      p: { x: 6, y: 0 },
    },
    {
      m: [
        { k: 'c', v: 0 },
        { k: 'a', v: 1 },
      ],
    },
    { m: [{ k: 'a', v: 20 }] },
    { p: { x: 1, y: null } },
    { p: { x: null, y: -1 } },
  ),
  updates(
    'of transition with an optional old value are evaluated always',
    root({
      a: {
        ...int,
        ...rules({
          rule: 'oldSelf.hasValue() ? self > oldSelf.value() : self == 0',
          optionalOldSelf: true,
          messageExpression: "oldSelf.hasValue() ? 'must grow' : 'must begin with 0'",
        }),
      },
      c: int,
    }),
    { a: 1 },
    { c: 1 },
  ),
  updates(
    'of transition with an optional old value are evaluated at updates too',
    root({
      a: {
        ...int,
        ...rules({ rule: 'oldSelf.hasValue() ? self > oldSelf.value() : self == 0', optionalOldSelf: true }),
      },
      c: int,
    }),
    { a: 0 },
    { a: 1 },
    { a: 1, c: 1 },
    { a: null },
    { a: 3 },
  ),
  ratchets(
    'that were broken before become warnings where nothing changed',
    root({ a: int, o: object({ x: int, y: int }), c: int }),
    root(
      {
        a: { ...int, ...rules('self > 0') },
        o: object(
          { x: int, y: int },
          rules({ rule: 'self.x > 0', fieldPath: '.x', reason: 'FieldValueForbidden', message: 'no' }),
        ),
        c: int,
      },
      rules('self.c > 0'),
    ),
    { a: 0, o: { x: 0 }, c: 0 },
    { metadata: { labels: { a: 'b' } } },
    { c: 5 },
    { c: -1 },
    { a: -1, c: 5 },
    { o: { y: 1 }, c: 5 },
    { a: 0, o: { x: 0 }, c: 6 },
    { a: 1, o: { x: 1 }, c: 6 },
  ),
  ratchets(
    'that were broken before become warnings in lists and maps',
    root({
      l: list(object({ n: int })),
      m: keyed(object({ k: text, n: int, o: int }, { required: ['k'] })),
      p: map(int),
      c: int,
    }),
    root({
      l: list(object({ n: { ...int, ...rules('self > 0') } })),
      m: keyed(
        object({ k: text, n: { ...int, ...rules('self > 0') }, o: int }, { required: ['k'], ...rules('self.n > 1') }),
      ),
      p: map({ ...int, ...rules('self > 0') }),
      c: int,
    }),
    {
      l: [{ n: 0 }, { n: 1 }],
      m: [
        { k: 'a', n: 0 },
        { k: 'b', n: 5 },
      ],
      p: { x: 0, y: 1 },
    },
    { c: 1 },
    { l: [{ n: 0 }, { n: 2 }] },
    {
      m: [
        { k: 'b', n: 6 },
        { k: 'a', n: 0 },
      ],
    },
    { m: [{ k: 'a', n: 0, o: 1 }] },
    { m: [{ k: 'a', n: -1 }] },
    { p: { y: 2 } },
    { p: { x: -1 } },
    { p: { z: 0 } },
  ),
  ratchets(
    'of transition and errors are no warnings, whatever changed',
    root({ a: int, b: int, c: int }),
    root({ a: { ...int, ...rules('self > oldSelf') }, b: { ...int, ...rules('1 / self > 0') }, c: int }),
    { a: 1, b: 0 },
    { c: 1 },
    { a: 2, c: 1 },
    { a: 2, b: 1 },
  ),
  scenario(area, 'judge the whole object when its status is written', async (server) => {
    const schema = root({ a: int }, {}, rules('!has(self.status) || self.status.a <= self.spec.a'));
    (schema.properties as Json).status = object({
      a: { ...int, ...rules('self >= oldSelf') },
      b: { ...int, ...rules('self != 7') },
    });
    await server.installCrd(crd(server, { schema }));
    const path = `${widgets(server)}/w`;
    await server.post(widgets(server), widget(server, 'w', { a: 5 }, { status: { a: 9 } }));
    await server.patch(`${path}/status`, 'merge', { status: { a: 6 } });
    await server.patch(`${path}/status`, 'merge', { status: { a: 4 } });
    await server.patch(`${path}/status`, 'merge', { status: { a: 3 } });
    await server.patch(`${path}/status`, 'merge', { status: { b: 7 } });
    await server.patch(path, 'merge', { spec: { a: 1 } });
    await server.patch(path, 'merge', { spec: { a: 6 } });
    await server.patch(`${path}/status`, 'merge', { status: { a: 'x', b: 7 } });
  }),
  scenario(area, 'judge what applies, scales, replaces and dry runs make', async (server) => {
    const schema = root({ replicas: { ...int, ...rules('self < 5') }, a: { ...int, ...rules('self >= oldSelf') } });
    (schema.properties as Json).status = object({ replicas: int });
    await server.installCrd(
      crd(server, { schema, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } }),
    );
    const path = `${widgets(server)}/w`;
    await server.patch(`${path}?fieldManager=m`, 'apply', widget(server, 'w', { replicas: 9 }));
    await server.patch(`${path}?fieldManager=m`, 'apply', widget(server, 'w', { replicas: 1, a: 1 }));
    await server.patch(`${path}?fieldManager=m`, 'apply', widget(server, 'w', { replicas: 2, a: 0 }));
    await server.patch(`${path}/scale`, 'merge', { spec: { replicas: 6 } });
    await server.patch(`${path}/scale`, 'merge', { spec: { replicas: 3 } });
    await server.patch(`${path}?dryRun=All`, 'merge', { spec: { replicas: 8 } });
    await server.patch(path, 'json', [{ op: 'replace', path: '/spec/a', value: 0 }]);
    await server.post(`${widgets(server)}?dryRun=All`, widget(server, 'v', { replicas: 7 }));
    const { body } = await server.get(path);
    await server.put(path, { ...body, spec: { replicas: 5, a: 1 } });
  }),
];
