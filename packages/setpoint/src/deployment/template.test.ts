import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { chartYaml } from './chart-yaml.ts';
import { merged, open, resolve, scalar, type Template, text, when } from './template.ts';

const yaml = (template: Template) => chartYaml(template, (value) => stringify(value).trimEnd());
const on = (path: string, holds: boolean, is = true) => ({ path, is, holds });

const all: Template = {
  name: text('a-', scalar('$.Values.tag', 'one')),
  replicas: scalar('$.Values.replicas', 2),
  image: scalar('$.Values.image', 'i'),
  labels: merged({ fixed: 'yes' }, open('labels', { more: 'yes' })),
  affinity: open('affinity', {}),
  resources: open('resources', { limits: { cpu: 1 } }),
  metrics: when(on('metrics', false), { port: 1 }),
  args: [
    '--first',
    when(on('elect', true), '--elect'),
    when(on('elect', true, false), '--not'),
    open('args', ['--last']),
  ],
  nested: [{ a: 1, b: [{ c: 'd' }] }, {}, []],
};

test('a template has its defaults, and nothing where a default is empty', () => {
  expect(resolve(all)).toEqual({
    name: 'a-one',
    replicas: 2,
    image: 'i',
    labels: { fixed: 'yes', more: 'yes' },
    resources: { limits: { cpu: 1 } },
    args: ['--first', '--elect', '--not', '--last'],
    nested: [{ a: 1, b: [{ c: 'd' }] }, {}, []],
  });
});

test('a condition that does not hold leaves member and item out', () => {
  const template = { a: when(on('x', false), 1), b: [when(on('x', false), 1), 2] };
  expect(resolve(template)).toEqual({ b: [2] });
});

test('a chart has an expression in each place', () => {
  expect(yaml(all)).toBe(`{{- with $.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
args:
- --first
{{- if $.Values.elect }}
- --elect
{{- end }}
{{- if not $.Values.elect }}
- --not
{{- end }}
{{- with $.Values.args }}
{{- toYaml . | nindent 0 }}
{{- end }}
image: {{ $.Values.image | quote }}
labels:
  fixed: yes
{{- with $.Values.labels }}
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $.Values.metrics }}
metrics:
  port: 1
{{- end }}
name: "a-{{ $.Values.tag }}"
nested:
- a: 1
  b:
  - c: d
- {}
- []
replicas: {{ $.Values.replicas }}
{{- with $.Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
`);
});

test('without places it is the YAML of the object', () => {
  const object = {
    a: [{ b: { c: [1, [], {}] } }, 'x: y', '- z', ''],
    d: {},
    e: [],
    f: null,
    'g h': { i: [{ j: 1, k: 2 }] },
  };
  expect(parse(yaml(object))).toEqual(object);
});

test('braces in a text are not taken for an expression', () => {
  expect(yaml({ a: 'x {{ y }} z' })).toBe('a: "x {{ "{{" }} y {{ "}}" }} z"\n'.replace('"x', 'x').replace('z"', 'z'));
});

test('an item that may begin with nothing begins on a line of its own', () => {
  expect(yaml([{ a: open('a', []), b: 1 }])).toBe(`-
{{- with $.Values.a }}
  a:
    {{- toYaml . | nindent 4 }}
{{- end }}
  b: 1
`);
});
