import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDocument, stringify } from 'yaml';
import { parsePlainYaml } from './plain-yaml.ts';

const kubeconfig = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==
    insecure-skip-tls-verify: false
    server: https://127.0.0.1:6443
  name: kind
contexts:
  - context:
      cluster: kind
      user: 'kind: admin'
    name: "kind"
current-context: kind
kind: Config
preferences: {}
users:
- name: kind-admin
  user:
    token:
    as-groups:
    - system:masters
    - 'null'
`;

/** By the parser for all of YAML; undefined where it finds an error. */
function parsed(source: string): unknown {
  const document = parseDocument(source, { version: '1.1', prettyErrors: false, logLevel: 'silent' });
  return document.errors.length > 0 ? undefined : document.toJS();
}

test('reads what kubectl writes', () => {
  expect(parsePlainYaml(kubeconfig)).toEqual(parsed(kubeconfig));
  expect(parsePlainYaml(kubeconfig)).toMatchObject({
    users: [{ user: { token: null, 'as-groups': ['system:masters', 'null'] } }],
  });
});

test('reads JSON', () => {
  const source = JSON.stringify(parsed(kubeconfig), undefined, 2);
  expect(parsePlainYaml(`\n${source}`)).toEqual(parsed(kubeconfig));
});

test.each(
  [
    ['', 'a: &x b', 'a: *x', 'a: !!str b', 'a: |\n  b', 'a: >-\n  b', '{a: b}', '[a]', '--- \na: b', 'a: b # c', '# c'],
    [
      'a: 012',
      'a: 1e3',
      'a: 0x1f',
      'a: 12:30',
      'a: yes',
      'a: y',
      'a: 2001-01-01',
      'a: ~',
      'a: .inf',
      'a: 1_000',
      'y: b',
    ],
    [
      'a: b\na: c',
      'a: b\n  c: d',
      'a: b\n c',
      'a:\n  b: c\n d: e',
      'a: b:',
      'a: "b\\n"',
      "a: 'b''c'",
      'a:\tb',
      'a: b\r',
    ],
    [
      '- - a',
      '-\n  a: b',
      '- a\nb: c',
      'a:\n- b\n  c: d',
      '<<: {}',
      '? a',
      'a: @b',
      'a: %b',
      'a: `b',
      '"a": b',
      'a: ü',
    ],
  ].flat(),
)('leaves %j to the parser for all of YAML', (source) => {
  expect(parsePlainYaml(source)).toBe(undefined);
});

const word = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9/.:@_%+=-]{0,8}$/),
  fc.constantFrom('yes', 'No', 'null', 'true', 'https://a:1', 'a: b', 'a #b', '- a', '1', '~', 'on', 'y', ''),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small' }, word, fc.boolean(), fc.constant(null), tie('list'), tie('mapping')),
  list: fc.array(tie('any'), { maxLength: 3 }),
  mapping: fc.dictionary(fc.stringMatching(/^[a-z][a-z-]{0,6}$/), tie('any'), { maxKeys: 4 }),
}));

test('what it reads is what the parser for all of YAML reads', () => {
  let read = 0;
  const changes = fc.array(
    fc.tuple(fc.nat(), fc.constantFrom(' ', '\n', ':', '-', "'", '"', '', '#', '  ', '- ', 'a: ')),
    {
      maxLength: 3,
    },
  );
  const check = fc.property(value.mapping, fc.boolean(), changes, (mapping, indentSeq, edits) => {
    let source = stringify(mapping, { indentSeq, version: '1.1' });
    for (const [place, put] of edits) {
      const at = place % (source.length + 1);
      source = source.slice(0, at) + put + source.slice(at + (place % 2));
    }
    const found = parsePlainYaml(source);
    if (found === undefined) return;
    read++;
    expect(found, source).toEqual(parsed(source));
  });
  fc.assert(check, { numRuns: 500 });
  expect(read).toBeGreaterThan(20);
});
