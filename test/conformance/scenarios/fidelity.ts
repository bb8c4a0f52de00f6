import { type Answer, type ScenarioServer, scenario } from '../scenario.ts';
import { configMap, configMaps, crd, widget, widgets } from './fixtures.ts';

/** Parsing loses the order of members and rounds numbers, so the text of an answer is sent back to be compared. */
async function compareText(server: ScenarioServer, answer: Answer, part: RegExp): Promise<void> {
  const text = answer.text.match(part)?.[0] ?? 'nothing found';
  await server.post(`${configMaps(server)}?dryRun=All`, configMap('text', { data: { text } }));
}

const odd = '{"10":"a","9":"b","__proto__":"c","b":"d","constructor":"e","a":"f","toString":"g"}';

export const fidelity = [
  scenario('wire', 'number-like keys and __proto__ in a config map', async (server) => {
    const path = `${configMaps(server)}/a`;
    const body = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":${odd}}`;
    await compareText(server, await server.post(configMaps(server), body), /"data":\{[^}]*\}/);
    const watch = await server.watch(configMaps(server));
    await watch.events(1);
    await server.patch(path, 'merge', '{"data":{"__proto__":"changed","9":null,"2":"new"}}');
    await server.patch(path, 'json', '[{"op":"add","path":"/data/hasOwnProperty","value":"x"}]');
    await server.patch(path, 'json', '[{"op":"remove","path":"/data/__proto__"}]');
    await server.patch(path, 'json', '[{"op":"remove","path":"/data/valueOf"}]');
    await compareText(server, await server.get(path), /"data":\{[^}]*\}/);
    await watch.events(4);
    await watch.close();
    await server.put(path, body);
  }),
  scenario('wire', 'number-like keys and __proto__ in a custom resource', async (server) => {
    const map = { type: 'object', additionalProperties: { type: 'string' } };
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    await server.installCrd(crd(server, { schema: { map, open } }));
    const path = `${widgets(server)}/a`;
    const body = (spec: string) => JSON.stringify(widget(server, 'a', {})).replace('"spec":{}', `"spec":${spec}`);
    const created = await server.post(
      widgets(server),
      body(`{"map":${odd},"open":${odd},"__proto__":{"x":1},"toString":1}`),
    );
    await compareText(server, created, /"spec":.*\}\}/);
    await server.patch(path, 'merge', '{"spec":{"map":{"__proto__":null,"1":"one"},"open":{"__proto__":{"deep":1}}}}');
    await server.patch(path, 'merge', '{"spec":{"map":{"__proto__":7}}}');
    await server.patch(`${path}?fieldValidation=Strict`, 'merge', '{"spec":{"__proto__":7}}');
    await server.patch(path, 'merge', '{"__proto__":{"polluted":true}}');
    await compareText(server, await server.get(path), /"spec":.*\}\}/);
  }),
  scenario('wire', 'labels and annotations with odd keys', async (server) => {
    const metadata =
      '{"name":"a","labels":{"10":"x","9":"y","constructor":"z"},"annotations":{"2":"","1":"","toString":"t"}}';
    const created = await server.post(configMaps(server), `{"metadata":${metadata}}`);
    await compareText(server, created, /"labels":\{[^}]*\},"annotations":\{[^}]*\}/);
    await server.get(`${configMaps(server)}?labelSelector=constructor`);
    await server.get(`${configMaps(server)}?labelSelector=toString`);
    await server.get(`${configMaps(server)}?labelSelector=valueOf`);
    await server.get(`${configMaps(server)}?labelSelector=!hasOwnProperty`);
    await server.get(`${configMaps(server)}?labelSelector=9%3Dy`);
  }),
  scenario('wire', 'numbers at the edges', async (server) => {
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    await server.installCrd(
      crd(server, { schema: { open, integer: { type: 'integer' }, number: { type: 'number' } } }),
    );
    const dry = `${widgets(server)}?dryRun=All`;
    const send = async (member: string, number: string) => {
      const body = JSON.stringify(widget(server, 'a', {})).replace('"spec":{}', `"spec":{"${member}":${number}}`);
      const answer = await server.post(dry, body);
      if (answer.status === 201) await compareText(server, answer, /"spec":.*\}/);
    };
    for (const number of ['9223372036854775807', '-9223372036854775808', '9007199254740993', '1e2', '-0']) {
      await send('integer', number);
    }
    for (const number of ['9223372036854775808', '1.5e300', '1e21', '1e20', '1e-7', '0.000001', '123456789.125']) {
      await send('number', number);
    }
    for (const number of ['1e400', '01', '+1', '.5', '1.', 'NaN', '0x10']) await send('number', number);
    await send('open', '{"a":1.0,"b":1e3,"c":100000000000000000000,"d":1.10,"e":-0.0}');
  }),
  scenario('wire', 'text of every kind', async (server) => {
    const send = async (text: string) => {
      const body = `{"metadata":{"name":"a"},"data":{"k":${text}}}`;
      const answer = await server.post(`${configMaps(server)}?dryRun=All`, body);
      if (answer.status === 201) await compareText(server, answer, /"data":\{[^}]*\}/);
    };
    for (const text of [
      '"\\u0000\\u001f\\u007f"',
      '"<b>&amp;</b>"',
      '"\\u2028\\u2029"',
      '"\\ud83d\\ude00"',
      '"\\ud83d"',
      '"\\/\\b\\f\\n\\r\\t"',
      '"tab\there"',
      '"\\x"',
      '"\\u12"',
      '"unterminated',
      "'single'",
      '"é"',
    ]) {
      await send(text);
    }
  }),
  scenario('wire', 'bodies that are more or less than one object', async (server) => {
    const dry = `${configMaps(server)}?dryRun=All`;
    const good = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}';
    for (const body of [
      `${good}${good}`,
      `${good} rubbish`,
      `  \n\t${good}\n`,
      `\ufeff${good}`,
      '{"a":}',
      '{"a" 1}',
      '{a:1}',
      '[1,]',
      '{"metadata":{"name":"a"},}',
      '// comment\n{}',
      `${'['.repeat(20_000)}`,
    ]) {
      await server.post(dry, body);
    }
  }),
  scenario('wire', 'YAML as people write it', async (server) => {
    const headers = { 'content-type': 'application/yaml' };
    const send = (text: string) => server.post(`${configMaps(server)}?dryRun=All`, text, { headers });
    const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';
    for (const data of [
      'data: {k: "yes", n: "1", f: "1.0"}',
      'data: {k: yes}',
      'data: {k: 1}',
      'data: {k: 0644}',
      'data: {k: 2001-01-01}',
      'data: {k: ~}',
      'data:\n  k: >\n    folded\n    text\n  l: |-\n    kept\n    text',
      'data: {k: a, k: b}',
      'data: &x {k: a}\nbinaryData: *x',
      '---\ndata: {}',
      'data:\n\tk: tab',
      'data: {1: a, true: b}',
      'data: {k: [}',
      '# only a comment',
    ]) {
      await send(head + data);
    }
    await send('');
    await send('- a\n- b');
    await send('just text');
  }),
];
