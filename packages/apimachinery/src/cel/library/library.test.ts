import { describe, expect, it } from 'vitest';
import { environment, extendEnvironment } from '../checker/index.ts';
import { compile } from '../compile.ts';
import { jsonPatchLibrary, kubernetesLibraries } from '../declarations/index.ts';
import { objectType } from '../types/index.ts';
import { goText } from '../values/index.ts';
import { type AuthorizerQuestion, authorizerValue } from './authorizer.ts';

const all = extendEnvironment(environment([...kubernetesLibraries, jsonPatchLibrary]), {
  variables: [{ name: 'authorizer', type: objectType('kubernetes.authorization.Authorizer') }],
});

function come(expression: string, activation = {}) {
  const compiled = compile(expression, all);
  if (!compiled.ok) return compiled.issues === undefined ? compiled.message : String(compiled.issues);
  const outcome = compiled.program.evaluate(activation);
  return 'error' in outcome ? `error: ${outcome.error}` : goText(outcome.value);
}

const table: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  strings: [
    ["'tacocat'.substring(4)", 'cat'],
    ["'a😀c'.charAt(1)", '😀'],
    ["'a😀c'.indexOf('c')", '2'],
    ["'hello hello'.lastIndexOf('lo', 6)", '3'],
    ["'a,b,c'.split(',', 2)", '[a, b,c]'],
    ["'hello'.replace('l', 'L', 1)", 'heLlo'],
    ["'ab'.replace('', '-')", '-a-b-'],
    ["' \\t x '.trim()", 'x'],
    ["['a', 'b'].join('+')", 'a+b'],
    ['strings.quote("a\\n\\"")', '"a\\n\\""'],
    ["'tacocat'.substring(9)", 'error: index out of range: 9'],
  ],
  format: [
    ["'%s has %d'.format(['x', 3])", 'x has 3'],
    ["'%.2f'.format([1234.5])", '1,234.50'],
    ["'%e'.format([1052.032911275])", '1.052033×10⁰³'],
    ["'%x %X %o %b'.format([255, 'hi', 8, -5])", 'ff 6869 10 -101'],
    ["'%s'.format([[1.5, 2.0]])", '[1.500000, 2.000000]'],
    ["'%s'.format([{'b': 'x', 'a': 'y'}])", '{"a":"y", "b":"x"}'],
    ["'%s'.format([dyn([duration('1m')])])", '[duration("60s")]'],
  ],
  times: [
    ["timestamp('2020-02-29T12:34:56.789Z').getMilliseconds()", '789'],
    ["timestamp('2020-01-01T00:30:00Z').getDate('America/New_York')", '31'],
    ["timestamp('2020-01-01T00:00:00Z').getHours('+05:30')", '5'],
    ["timestamp('2020-12-31T00:00:00Z').getDayOfYear()", '365'],
    ["timestamp('2020-01-01T00:00:00Z').getHours('Nowhere')", 'error: unknown time zone Nowhere'],
    ["duration('1h30m').getMinutes()", '90'],
    ["string(duration('1500ms'))", '1.5s'],
    ["string(timestamp('2020-01-01T00:00:00+01:00'))", '2020-01-01T00:00:00+01:00'],
    ["timestamp('9999-12-31T23:59:59Z') + duration('1s')", 'error: timestamp overflow'],
  ],
  lists: [
    ['[1, 2, 3].sum()', '6'],
    ['[3, 1].min()', '1'],
    ["['b', 'a'].isSorted()", 'false'],
    ['[1, 2, 1].lastIndexOf(1)', '2'],
    ['[].max() == 1', 'error: max called on empty list'],
    ['[1, 2, 3, 4].slice(1, 3)', '[2, 3]'],
    ['[[1], [2, 3]].flatten()', '[1, 2, 3]'],
    ["['b', 'a'].sort()", '[a, b]'],
    ['[1, 2, 3].sortBy(x, -x)', '[3, 2, 1]'],
    ['[1, 1, 2].distinct()', '[1, 2]'],
    ['lists.range(3).reverse()', '[2, 1, 0]'],
    ['sets.contains([1, 2], [2])', 'true'],
    ['sets.equivalent([1, 2], [2, 1, 1])', 'true'],
    ['sets.intersects([1], [2])', 'false'],
  ],
  regex: [
    ["'abc 123'.find('[0-9]+')", '123'],
    ["'123 abc 456'.findAll('[0-9]+')", '[123, 456]'],
    ["'abab'.findAll('b*')", '[, b, b]'],
    ["'a1b2'.findAll('[0-9]', 1)", '[1]'],
    ["'foobar'.matches('^fo+')", 'true'],
  ],
  url: [
    ["url('https://user@example.com:80/a%20b?k=1&k=2#f').getHost()", 'example.com:80'],
    ["url('https://[::1]:80/').getHostname()", '::1'],
    ["url('https://example.com/path with spaces/').getEscapedPath()", '/path%20with%20spaces/'],
    ["url('https://e.com/?k=a+b&k=c').getQuery()", '{k: [a b, c]}'],
    ["isURL('../x')", 'false'],
    ["url(':x')", 'error: URL parse error during conversion from string: parse ":x": missing protocol scheme'],
  ],
  quantity: [
    ["quantity('1Gi').isGreaterThan(quantity('1G'))", 'true'],
    ["quantity('50k').add(20).sub(quantity('20')) == quantity('50k')", 'true'],
    ["quantity('50k') == quantity('49k').add(1000)", 'error: no such overload'],
    ["quantity('1.5').asInteger()", 'error: cannot convert value to integer'],
    ["quantity('200M').asInteger()", '200000000'],
    ["quantity('0.1').asApproximateFloat()", '0.1'],
    ["quantity('1').sub(-9223372036854775808).asApproximateFloat() < 0.0", 'true'],
    ["quantity('-3').sub(-9223372036854775808).asApproximateFloat() < 0.0", 'false'],
    ["quantity('1234567890123456789012').asApproximateFloat()", '1.234567890123457e+21'],
    ["isQuantity('1x')", 'false'],
  ],
  network: [
    ["ip('2001:DB8::1')", '2001:db8::1'],
    ["ip.isCanonical('2001:DB8::1')", 'false'],
    ["ip('10.0.0.1').isGlobalUnicast()", 'true'],
    ["ip('::ffff:1.2.3.4')", 'error: IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed'],
    [
      "ip('1.2.3')",
      'error: IP Address "1.2.3" parse error during conversion from string: ParseAddr("1.2.3"): IPv4 address too short',
    ],
    ["cidr('192.168.1.5/24').masked()", '192.168.1.0/24'],
    ["cidr('192.168.0.0/16').containsCIDR('192.168.10.0/24')", 'true'],
    ["cidr('192.168.0.0/16').containsIP(ip('10.0.0.1'))", 'false'],
    ["isCIDR('10.0.0.0/33')", 'false'],
  ],
  semver: [
    ["semver('1.0.0-rc.2').isLessThan(semver('1.0.0-rc.10'))", 'true'],
    ["semver('1.0.0').compareTo(semver('1.0.0-rc'))", '1'],
    ["semver('v01.2', true).minor()", '2'],
    ["semver('01.2.3')", 'error: Major number must not contain leading zeroes "01"'],
    ["isSemver('1.2')", 'false'],
  ],
  formats: [
    ["format.dns1123Label().validate('a-b').hasValue()", 'false'],
    ["format.dns1123LabelPrefix().validate('a-b-').hasValue()", 'false'],
    ["format.named('uuid').value().validate('x').value()", '[does not match the UUID format]'],
    ["format.named('nothing')", 'optional.none()'],
  ],
  jsonPatch: [["jsonpatch.escapeKey('k8s.io/my~label')", 'k8s.io~1my~0label']],
};

describe.each(Object.entries(table))('the library of %s', (_, cases) => {
  it.each(cases)('takes %s for %s', (expression, expected) => expect(come(expression)).toBe(expected));
});

describe('the authorizer', () => {
  const asked: AuthorizerQuestion[] = [];
  const answering = (user: string) => ({
    authorize(question: AuthorizerQuestion) {
      asked.push(question);
      return { allowed: question.verb === 'get', reason: `as ${user}` };
    },
    forServiceAccount: (namespace: string, name: string) => answering(`${namespace}/${name}`),
  });
  const activation = { authorizer: authorizerValue(answering('me')) };

  it('is asked about resources', () => {
    const check = "authorizer.group('apps').resource('deployments').namespace('d').name('n').check('get')";
    expect(come(`${check}.allowed()`, activation)).toBe('true');
    expect(asked.at(-1)).toMatchObject({ kind: 'resource', group: 'apps', resource: 'deployments', namespace: 'd' });
  });

  it('is asked about paths, and for service accounts', () => {
    const check = "authorizer.serviceAccount('ns', 'sa').path('/healthz').check('post')";
    expect(come(`${check}.reason()`, activation)).toBe('as ns/sa');
    expect(asked.at(-1)).toEqual({ kind: 'path', verb: 'post', path: '/healthz' });
  });

  it('refuses what can be no question', () => {
    expect(come("authorizer.path(' ').check('get').allowed()", activation)).toBe('error: path must not be empty');
    expect(come("authorizer.serviceAccount('N', 'a').path('/x').check('get').errored()", activation)).toBe(
      'error: Invalid service account namespace',
    );
  });
});
