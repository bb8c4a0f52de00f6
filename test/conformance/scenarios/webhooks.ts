import { setTimeout as delay } from 'node:timers/promises';
import { createCertificateAuthority } from '@setpoint/controlplane';
import { type ScenarioServer, scenario } from '../scenario.ts';
import { allow, deny, patchWith, WebhookServer } from '../webhook-server.ts';
import { configMap, configMaps, crd, group, widget, widgets } from './fixtures.ts';

const area = 'webhooks';

const label = (name: string, value = 'yes') =>
  patchWith({ op: 'add', path: '/metadata/labels', value: { [name]: value } });
const labelled = (name: string, labels: object) => ({ ...configMap(name), metadata: { name, labels } });
const append = (letter: string) => (review: { request: { object: { data?: { trace?: string } } } }) => {
  const trace = (review.request.object.data?.trace ?? '') + letter;
  return patchWith({ op: 'add', path: '/data', value: { trace } });
};

/** Each answer of a webhook that is none, by name. */
const badAnswers = {
  'no json': { raw: 'no json' },
  'an empty body': { raw: '' },
  'a list': { raw: '[]' },
  'no kind': { raw: '{}' },
  'another kind': { raw: '{"kind":"Pod","apiVersion":"v1"}' },
  'another version': {
    raw: '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","response":{"allowed":true}}',
  },
  'no response': { raw: '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}' },
  'another uid': { uid: 'other', allowed: true },
  'no uid': { uid: '', allowed: true },
  'status 400': { raw: 'bad', status: 400, contentType: 'text/plain' },
  'status 404': { raw: '404 page not found', status: 404, contentType: 'text/plain' },
  'status 403': { raw: 'not you', status: 403, contentType: 'text/plain' },
  'status 418': { raw: 'teapot', status: 418, contentType: 'text/plain' },
  'status 500': { raw: 'panic', status: 500, contentType: 'text/plain' },
  'status 502 html': { raw: '<html>', status: 502, contentType: 'text/html' },
  'status 503': { raw: '', status: 503 },
  'a Status': {
    raw: JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'said so', code: 500 }),
    status: 500,
  },
  'a closed connection': 'close',
} as const;

async function inNamespaceOf(server: ScenarioServer) {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': server.namespace } } };
}

export const webhooks = [
  scenario(area, 'are asked about creation, update, patch and deletion', async (server) => {
    await using hooks = await WebhookServer.start(server);
    await hooks.configure('Mutating', 'a', { m: {} });
    await hooks.configure('Validating', 'a', { v: {} });
    const path = `${configMaps(server)}/a`;
    await server.post(
      `${configMaps(server)}?fieldManager=me&fieldValidation=Strict`,
      configMap('a', { data: { x: '1' } }),
    );
    hooks.record('create');
    await server.patch(path, 'merge', { data: { x: '2' } });
    hooks.record('patch');
    const { body } = await server.get(path);
    await server.put(path, { ...body, data: { x: '3' } });
    hooks.record('update');
    await server.delete(path, { body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' } });
    hooks.record('delete');
  }),
  scenario(area, 'see generated names only after mutation, and dry runs as such', async (server) => {
    await using hooks = await WebhookServer.start(server);
    await hooks.configure('Mutating', 'a', { m: {} });
    await hooks.configure('Validating', 'a', { v: {} });
    await server.post(`${configMaps(server)}?dryRun=All`, { metadata: { generateName: 'a-' } });
    const asked = hooks.calls.map(({ name, review: { request } }) => ({
      name,
      requested: request.name ?? '',
      generated: Boolean(request.object.metadata.name),
      created: Boolean(request.object.metadata.uid),
      dryRun: request.dryRun,
      options: request.options,
    }));
    server.record('asked', asked);
  }),
  scenario(area, 'refuse in their own words', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const replies: Readonly<Record<string, object | undefined>> = {
      nothing: undefined,
      message: { message: 'no' },
      reason: { reason: 'Because' },
      code: { code: 200, message: 'fine' },
      own: {
        code: 403,
        reason: 'Forbidden',
        message: 'not you',
        details: { name: 'x', causes: [{ reason: 'FieldValueInvalid', message: 'm', field: 'f' }] },
      },
      success: { status: 'Success', message: 'yes', code: 499 },
      retry: { code: 429, reason: 'TooManyRequests', message: 'later', details: { retryAfterSeconds: 7 } },
    };
    const reply = (review: { request: { object: { metadata: { name: string } } } }) =>
      deny(replies[review.request.object.metadata.name]);
    await hooks.configure('Validating', 'a', { v: { reply } });
    for (const name of Object.keys(replies)) await server.post(configMaps(server), configMap(name));
    await server.get(configMaps(server));
  }),
  scenario(area, 'that mutate refuse as well, and nobody behind is asked', async (server) => {
    await using hooks = await WebhookServer.start(server);
    await hooks.configure('Mutating', 'a', { m1: { reply: () => deny({ message: 'no' }) }, m2: {} });
    await hooks.configure('Validating', 'a', { v: {} });
    await server.post(configMaps(server), configMap('a'));
    hooks.recordCalls('one refusal');
  }),
  scenario(
    area,
    'that mutate are asked by name of configuration, then in order, each seeing what was patched',
    async (server) => {
      await using hooks = await WebhookServer.start(server);
      await hooks.configure('Mutating', 'b', { b2: { reply: append('1') }, b1: { reply: append('2') } });
      await hooks.configure('Mutating', 'a', { a2: { reply: append('3') }, a1: { reply: append('4') } });
      await server.post(configMaps(server), configMap('a'));
      hooks.recordCalls('four in order');
    },
  ),
  scenario(area, 'are asked again after a change where they want it', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const IfNeeded = { webhook: { reinvocationPolicy: 'IfNeeded' } };
    await hooks.configure('Mutating', 'a', {
      first: { ...IfNeeded, reply: append('1') },
      second: { reply: append('2') },
      third: { ...IfNeeded },
    });
    await server.post(configMaps(server), configMap('a'));
    hooks.recordCalls('the first once more');
  }),
  scenario(area, 'are not asked again where nothing changed', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const IfNeeded = { webhook: { reinvocationPolicy: 'IfNeeded' } };
    const same = patchWith({ op: 'replace', path: '/data/x', value: '1' });
    await hooks.configure('Mutating', 'a', { first: IfNeeded, second: { reply: () => same } });
    await server.post(configMaps(server), configMap('a', { data: { x: '1' } }));
    hooks.recordCalls('once');
  }),
  scenario(area, 'that no longer or only now match after a patch', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const on = (key: string, operator: string) => ({
      webhook: { objectSelector: { matchExpressions: [{ key, operator }] } },
    });
    await hooks.configure('Mutating', 'a', {
      first: { reply: () => label('seen') },
      second: on('seen', 'Exists'),
      third: on('seen', 'DoesNotExist'),
    });
    await server.post(configMaps(server), configMap('a'));
    hooks.recordCalls('only the second');
  }),
  scenario(area, 'patches of every operation', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const reply = () =>
      patchWith(
        { op: 'test', path: '/data/a', value: '1' },
        { op: 'replace', path: '/data/a', value: '2' },
        { op: 'copy', from: '/data/a', path: '/data/c' },
        { op: 'move', from: '/data/b', path: '/data/d' },
        { op: 'remove', path: '/data/e' },
        { op: 'add', path: '/data/unknown~1key', value: 'x' },
      );
    await hooks.configure('Mutating', 'a', { m: { reply } });
    await server.post(configMaps(server), configMap('a', { data: { a: '1', b: '2', e: '3' } }));
  }),
  scenario(area, 'patches that do not apply', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const text = (patch: string) => ({
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from(patch).toString('base64'),
    });
    const patches: Readonly<Record<string, object>> = {
      'no-json': text('no json'),
      'no-list': text('{}'),
      test: text('[{"op":"test","path":"/data","value":{"x":"y"}}]'),
      missing: text('[{"op":"replace","path":"/data/none","value":"y"}]'),
      remove: text('[{"op":"remove","path":"/nothing"}]'),
      unknown: text('[{"op":"frobnicate","path":"/data"}]'),
      type: text('[{"op":"add","path":"/data","value":5}]'),
      'unknown-field': text('[{"op":"add","path":"/foo","value":5}]'),
      name: text('[{"op":"replace","path":"/metadata/name","value":"other"}]'),
      namespace: text('[{"op":"replace","path":"/metadata/namespace","value":"other"}]'),
      invalid: text('[{"op":"add","path":"/metadata/labels","value":{"a b":"c"}}]'),
      empty: text('[]'),
      'no-type': { allowed: true, patch: Buffer.from('[]').toString('base64') },
      'no-patch': { allowed: true, patchType: 'JSONPatch' },
      'other-type': { ...text('[{"op":"add","path":"/data","value":{}}]'), patchType: 'Merge' },
    };
    const reply = (review: { request: { object: { metadata: { name: string } } } }) =>
      patches[review.request.object.metadata.name] as Readonly<Record<string, unknown>>;
    await hooks.configure('Mutating', 'a', { m: { reply } });
    for (const name of Object.keys(patches)) await server.post(configMaps(server), configMap(name));
  }),
  scenario(area, 'that validate may not patch', async (server) => {
    await using hooks = await WebhookServer.start(server);
    await hooks.configure('Validating', 'a', {
      v: {
        reply: (review) =>
          review.request.object.metadata.name === 'a' ? label('x') : { allowed: true, patchType: 'JSONPatch' },
      },
    });
    await server.post(configMaps(server), configMap('a'));
    await server.post(configMaps(server), configMap('b'));
  }),
  scenario(area, 'cannot patch a deletion', async (server) => {
    await using hooks = await WebhookServer.start(server);
    await server.post(configMaps(server), configMap('a'));
    const rules = [
      { operations: ['DELETE', 'CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
    ];
    await hooks.configure('Mutating', 'a', { m: { reply: () => label('x'), webhook: { rules } } });
    await server.delete(`${configMaps(server)}/a`);
    await server.get(`${configMaps(server)}/a`);
  }),
  ...Object.entries(badAnswers).map(([name, answer]) =>
    scenario(area, `that answer with ${name}: failing closed and open`, async (server) => {
      await using hooks = await WebhookServer.start(server);
      const reply = () => answer;
      const only = (value: string) => ({ objectSelector: { matchLabels: { use: value } } });
      await hooks.configure('Validating', 'a', {
        closed: { reply, webhook: only('closed') },
        open: { reply, webhook: { ...only('open'), failurePolicy: 'Ignore' } },
      });
      await hooks.configure('Mutating', 'a', { mutating: { reply, webhook: only('mutating') } });
      for (const use of ['closed', 'open', 'mutating']) await server.post(configMaps(server), labelled(use, { use }));
    }),
  ),
  scenario(area, 'that are slow are given up after their time', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const reply = () => delay(3000, allow);
    const only = (value: string) => ({ timeoutSeconds: 1, objectSelector: { matchLabels: { use: value } } });
    await hooks.configure('Validating', 'a', {
      closed: { reply, webhook: only('closed') },
      open: { reply, webhook: { ...only('open'), failurePolicy: 'Ignore' } },
    });
    await hooks.configure('Mutating', 'a', {
      mutating: { reply, webhook: only('mutating') },
      'mutating-open': { reply, webhook: { ...only('mutating-open'), failurePolicy: 'Ignore' } },
    });
    for (const use of ['closed', 'open', 'mutating', 'mutating-open']) {
      await server.post(configMaps(server), labelled(use, { use }));
    }
    server.record(
      'timeouts',
      hooks.calls.map(({ name, review }) => [name, review.timeout]),
    );
  }),
  scenario(area, 'that cannot be reached', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const gone = await WebhookServer.start(server);
    await gone[Symbol.asyncDispose]();
    const only = (value: string) => ({ objectSelector: { matchLabels: { use: value } } });
    const service = { namespace: server.namespace, name: 'none', path: '/a/b', port: 8443 };
    await hooks.configure('Validating', 'a', {
      gone: { clientConfig: { url: `https://127.0.0.1:${gone.port}` }, webhook: only('gone') },
      open: {
        clientConfig: { url: `https://127.0.0.1:${gone.port}/x/` },
        webhook: { ...only('open'), failurePolicy: 'Ignore' },
      },
      service: { clientConfig: { service }, webhook: only('service') },
    });
    for (const use of ['gone', 'open', 'service']) await server.post(configMaps(server), labelled(use, { use }));
  }),
  scenario(area, 'with certificates that do not count', async (server) => {
    const year = 365 * 24 * 3_600_000;
    const old = createCertificateAuthority('old', { now: Date.now() - 2 * year, lifetime: year });
    const other = createCertificateAuthority('webhooks');
    const bundle = (authority: { certificate: string }) => ({
      caBundle: Buffer.from(authority.certificate).toString('base64'),
    });
    await using hooks = await WebhookServer.start(server);
    await using expired = await WebhookServer.start(server, old.issueServer(['127.0.0.1']));
    await using misnamed = await WebhookServer.start(server, other.issueServer(['example.com', 'example.org']));
    await using misplaced = await WebhookServer.start(server, other.issueServer(['10.9.8.7', '10.9.8.8']));
    const only = (value: string) => ({ objectSelector: { matchLabels: { use: value } } });
    await hooks.configure('Validating', 'a', {
      namesake: { clientConfig: hooks.clientConfig('x', bundle(other)), webhook: only('namesake') },
      stranger: { clientConfig: hooks.clientConfig('x', bundle(old)), webhook: only('stranger') },
      system: { clientConfig: { url: `https://127.0.0.1:${hooks.port}/x` }, webhook: only('system') },
      expired: { clientConfig: expired.clientConfig('x', bundle(old)), webhook: only('expired') },
      'expired-stranger': { clientConfig: expired.clientConfig('x', bundle(other)), webhook: only('expired-stranger') },
      misnamed: { clientConfig: misnamed.clientConfig('x', bundle(other)), webhook: only('misnamed') },
      misplaced: { clientConfig: misplaced.clientConfig('x', bundle(other)), webhook: only('misplaced') },
    });
    for (const use of ['namesake', 'stranger', 'system', 'expired', 'expired-stranger', 'misnamed', 'misplaced']) {
      await server.post(configMaps(server), labelled(use, { use }));
    }
  }),
  scenario(area, 'rules: operations, groups, versions, resources, subresources, scope', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const rule = (more: object) => ({
      webhook: { rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], ...more }] },
    });
    await hooks.configure('Validating', 'a', {
      all: rule({}),
      'all-parts': rule({ resources: ['*/*'] }),
      creates: rule({ operations: ['CREATE'] }),
      'other-group': rule({ apiGroups: ['apps'] }),
      'other-version': rule({ apiVersions: ['v2'] }),
      pods: rule({ resources: ['pods'] }),
      'pods-parts': rule({ resources: ['pods/*'] }),
      'any-status': rule({ resources: ['*/status'] }),
      namespaced: rule({ scope: 'Namespaced' }),
      cluster: rule({ scope: 'Cluster' }),
    });
    const pods = `/api/v1/namespaces/${server.namespace}/pods`;
    const called = (title: string) => {
      const names = new Set(hooks.calls.splice(0).map(({ name }) => name));
      server.record(`called: ${title}`, [...names].sort());
    };
    await server.post(pods, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
    called('create a pod');
    await server.patch(`${pods}/p/status`, 'merge', { status: { phase: 'Running' } });
    called('its status');
    await server.patch(`/api/v1/namespaces/${server.namespace}`, 'merge', { metadata: { labels: { a: 'b' } } });
    called('the namespace');
    await server.delete(`${pods}/p`, { body: { gracePeriodSeconds: 0 } });
    called('delete the pod');
  }),
  scenario(area, 'see what the plugins before them have made of an object', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const rules = [
      {
        operations: ['*'],
        apiGroups: [''],
        apiVersions: ['v1'],
        resources: ['pods', 'persistentvolumeclaims', 'configmaps'],
      },
    ];
    await hooks.configure('Mutating', 'a', { m: { webhook: { rules } } });
    const spec = { containers: [{ name: 'c', image: 'i' }], priorityClassName: 'system-node-critical' };
    const inNamespace = (plural: string) => `/api/v1/namespaces/${server.namespace}/${plural}`;
    await server.post(inNamespace('pods'), { metadata: { name: 'p' }, spec });
    await server.post(inNamespace('persistentvolumeclaims'), {
      metadata: { name: 'c' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    hooks.record('a pod and a claim');
    await server.patch(`${inNamespace('pods')}/p`, 'merge', { spec: { tolerations: [] } });
    hooks.recordCalls('tolerations taken away');
  }),
  scenario(area, 'a pod that is deleted at once is asked about twice', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const rules = [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods', 'configmaps'] }];
    await hooks.configure('Validating', 'a', { v: { webhook: { rules } } });
    const pods = `/api/v1/namespaces/${server.namespace}/pods`;
    const pod = (name: string) => ({
      metadata: { name },
      spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] },
    });
    for (const name of ['p', 'q']) await server.post(pods, pod(name), { unrecorded: true });
    hooks.calls.splice(0);
    await server.delete(`${pods}/p`, { body: { gracePeriodSeconds: 0 } });
    hooks.record('delete at once', { oncePerState: true });
    await server.delete(`${pods}/q`);
    await server.delete(`${pods}/q`);
    hooks.record('delete gracefully, twice', { oncePerState: true });
    await server.delete(`${pods}/q?gracePeriodSeconds=0`);
    hooks.record('and at once', { oncePerState: true });
  }),
  scenario(area, 'a collection is asked about object by object, without names', async (server) => {
    await using hooks = await WebhookServer.start(server);
    for (const name of ['a', 'b']) await server.post(configMaps(server), configMap(name), { unrecorded: true });
    await hooks.configure('Validating', 'a', {
      v: { reply: (review) => (review.request.oldObject?.metadata.name === 'b' ? deny({ message: 'not b' }) : allow) },
    });
    await server.delete(configMaps(server));
    const asked = hooks.calls.map(({ review: { request } }) => [request.name ?? '', request.oldObject.metadata.name]);
    server.record('asked', asked.sort());
    await server.get(`${configMaps(server)}/a`);
    await server.get(`${configMaps(server)}/b`);
  }),
  scenario(area, 'objects are selected by their labels, old or new', async (server) => {
    await using hooks = await WebhookServer.start(server);
    await hooks.configure('Validating', 'a', {
      v: { webhook: { objectSelector: { matchLabels: { watched: 'yes' } } } },
    });
    const path = `${configMaps(server)}/a`;
    await server.post(configMaps(server), configMap('a'));
    hooks.recordCalls('no label');
    await server.patch(path, 'merge', { metadata: { labels: { watched: 'yes' } } });
    hooks.recordCalls('a label comes');
    await server.patch(path, 'merge', { metadata: { labels: { watched: null } } });
    hooks.recordCalls('a label goes');
    await server.patch(path, 'merge', { data: { x: 'y' } });
    hooks.recordCalls('no label any more');
  }),
  scenario(area, 'namespaces are selected by the labels that they are going to have', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const rules = [
      { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['namespaces', 'configmaps'] },
    ];
    const namespaceSelector = { matchLabels: { [`watch-${server.unique}`]: 'yes' } };
    await hooks.configure('Validating', 'a', { v: { webhook: { rules, namespaceSelector } } });
    const namespace = `/api/v1/namespaces/${server.namespace}`;
    await server.patch(namespace, 'merge', { metadata: { labels: { [`watch-${server.unique}`]: 'yes' } } });
    hooks.record('labelled');
    await delay(300);
    await server.post(configMaps(server), configMap('a'));
    hooks.recordCalls('content');
    await server.patch(namespace, 'merge', { metadata: { labels: { [`watch-${server.unique}`]: null } } });
    hooks.recordCalls('label taken away');
  }),
  scenario(area, 'dry runs need webhooks without side effects', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const only = (use: string, sideEffects: string) => ({
      webhook: { sideEffects, objectSelector: { matchLabels: { use } } },
    });
    await hooks.configure('Validating', 'a', {
      none: only('none', 'None'),
      'on-dry-run': only('on-dry-run', 'NoneOnDryRun'),
    });
    for (const use of ['none', 'on-dry-run'])
      await server.post(`${configMaps(server)}?dryRun=All`, labelled(use, { use }));
    hooks.recordCalls('two that allow it');
  }),
  scenario(area, 'warnings and audit annotations are passed on', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const warnings = ['one', 'two "quoted"', 'one'];
    await hooks.configure('Mutating', 'a', { m: { reply: () => ({ allowed: true, warnings: ['first'] }) } });
    await hooks.configure('Validating', 'a', {
      v: {
        reply: (review) => ({
          allowed: review.request.object.metadata.name === 'a',
          warnings,
          auditAnnotations: { k: 'v' },
        }),
      },
    });
    await server.post(configMaps(server), configMap('a'));
    await server.post(configMaps(server), configMap('b'));
  }),
  scenario(area, 'reviews of the older version', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const webhook = { admissionReviewVersions: ['v2', 'v1beta1', 'v1'] };
    const patch = Buffer.from('[{"op":"add","path":"/data","value":{"by":"beta"}}]').toString('base64');
    await hooks.configure('Mutating', 'a', { m: { webhook, reply: () => ({ allowed: true, patch, uid: 'any' }) } });
    await server.post(configMaps(server), configMap('a'));
    hooks.record('in v1beta1');
  }),
  scenario(area, 'custom resources: defaults and pruning after a patch, status, scale', async (server) => {
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
    await server.installCrd(crd(server, { scale }));
    await using hooks = await WebhookServer.start(server);
    const rules = [
      {
        operations: ['*'],
        apiGroups: [group(server), ''],
        apiVersions: ['*'],
        resources: ['widgets', 'widgets/*', 'configmaps'],
      },
    ];
    await hooks.configure('Mutating', 'a', {
      m: {
        webhook: { rules },
        reply: (review) =>
          review.request.operation === 'CREATE'
            ? patchWith({ op: 'add', path: '/spec', value: { unknown: 1, size: 7 } })
            : allow,
      },
    });
    await server.post(widgets(server), widget(server, 'a'));
    hooks.record('create');
    await server.patch(`${widgets(server)}/a/status`, 'merge', { status: { phase: 'x' } });
    hooks.record('status');
    await server.patch(`${widgets(server)}/a/scale`, 'merge', { spec: { replicas: 3 } });
    hooks.record('scale');
    const { body } = await server.get(`${widgets(server)}/a/scale`);
    await server.put(`${widgets(server)}/a/scale`, { ...body, spec: { replicas: 4 } });
    hooks.record('scale again');
  }),
  scenario(area, 'patch a scale', async (server) => {
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
    await server.installCrd(crd(server, { scale }));
    await using hooks = await WebhookServer.start(server);
    const rules = [
      {
        operations: ['*'],
        apiGroups: [group(server), ''],
        apiVersions: ['*'],
        resources: ['widgets/scale', 'configmaps'],
      },
    ];
    await server.post(widgets(server), widget(server, 'a', { replicas: 1 }));
    await hooks.configure('Mutating', 'a', {
      m: { webhook: { rules }, reply: () => patchWith({ op: 'replace', path: '/spec/replicas', value: 9 }) },
    });
    await server.patch(`${widgets(server)}/a/scale`, 'merge', { spec: { replicas: 3 } });
    await server.get(`${widgets(server)}/a`);
  }),
  scenario(area, 'equivalent versions: the one that is asked for, or none where it must be exact', async (server) => {
    const version = (name: string, storage: boolean) => ({
      name,
      served: true,
      storage,
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
        },
      },
    });
    await server.installCrd(crd(server, { versions: [version('v1', true), version('v2', false)] }));
    await using hooks = await WebhookServer.start(server);
    const rules = [{ operations: ['*'], apiGroups: [group(server)], apiVersions: ['v2'], resources: ['widgets'] }];
    await hooks.configure('Mutating', 'a', {
      equivalent: { webhook: { rules }, reply: () => patchWith({ op: 'replace', path: '/spec/size', value: 8 }) },
      exact: { webhook: { rules, matchPolicy: 'Exact' } },
    });
    await hooks.configure('Validating', 'a', {
      equivalent: { webhook: { rules } },
      exact: { webhook: { rules, matchPolicy: 'Exact' } },
    });
    await server.post(widgets(server), widget(server, 'a'));
    hooks.record('in v1');
    await server.patch(`/apis/${group(server)}/v2/namespaces/${server.namespace}/widgets/a`, 'merge', {
      spec: { size: 2 },
    });
    hooks.recordCalls('in v2', { sorted: true });
  }),
  scenario(area, 'are not asked about configurations of webhooks', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const rules = [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], scope: '*' as const }];
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': server.namespace } };
    await hooks.configure('Validating', 'a', {
      v: {
        webhook: { rules, namespaceSelector, objectSelector: { matchLabels: { only: server.unique } } },
        reply: () => deny(),
      },
    });
    const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    await server.post(path, {
      metadata: { name: `${server.unique}-x`, labels: { only: server.unique } },
      webhooks: [],
    });
    await server.delete(`${path}/${server.unique}-x`);
    hooks.recordCalls('none');
  }),
  scenario(area, 'owner references that a webhook doubles', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '11111111-1111-1111-1111-111111111111' };
    await hooks.configure('Mutating', 'a', {
      m: { reply: () => patchWith({ op: 'add', path: '/metadata/ownerReferences', value: [owner, owner] }) },
    });
    await server.post(configMaps(server), configMap('a'));
    await server.put(`${configMaps(server)}/a`, configMap('a', { data: { x: 'y' } }));
  }),
  scenario(area, 'the last finalizer, taken by a webhook', async (server) => {
    await using hooks = await WebhookServer.start(server);
    await server.post(configMaps(server), { metadata: { name: 'a', finalizers: ['x.y/z'] } });
    await server.delete(`${configMaps(server)}/a`);
    await hooks.configure('Mutating', 'a', {
      m: {
        reply: (review) =>
          review.request.operation === 'UPDATE' ? patchWith({ op: 'remove', path: '/metadata/finalizers' }) : allow,
      },
    });
    await server.patch(`${configMaps(server)}/a`, 'merge', { data: { x: 'y' } });
    await server.get(`${configMaps(server)}/a`);
  }),
  scenario(area, 'an update that loses to another while it is being admitted', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const { body } = await server.post(configMaps(server), configMap('a', { data: { n: '0' } }));
    const path = `${configMaps(server)}/a`;
    let meddled = 0;
    await hooks.configure('Validating', 'a', {
      v: {
        webhook: { objectSelector: { matchLabels: { slow: 'yes' } } },
        reply: async () => {
          if (meddled++ === 0) await server.patch(path, 'merge', { data: { other: 'here' } }, { unrecorded: true });
          return allow;
        },
      },
    });
    await server.patch(path, 'merge', { metadata: { labels: { slow: 'yes' } } });
    hooks.recordCalls('the patch, twice');
    meddled = 0;
    await server.put(path, { ...body, metadata: { ...body.metadata, labels: { slow: 'yes' } } });
    hooks.recordCalls('a stale update');
    const { body: now } = await server.get(path);
    await server.put(path, { ...now, data: { n: '2' } });
    hooks.recordCalls('an update that becomes stale');
  }),
  scenario(area, 'are asked only where all their conditions hold', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const only = (expressions: readonly string[], more: object = {}) => ({
      webhook: {
        matchConditions: expressions.map((expression, index) => ({ name: `c${index}`, expression })),
        ...more,
      },
    });
    const fails = "object.data.missing == 'x'";
    const use = (value: string) => ({ objectSelector: { matchLabels: { use: value } } });
    await hooks.configure('Mutating', 'a', {
      named: only(["object.metadata.name == 'a'", "request.operation == 'CREATE'"]),
      never: only(['true', 'false', fails]),
      user: only(["request.userInfo.groups.exists(g, g == 'system:masters')"]),
    });
    await hooks.configure('Validating', 'a', {
      may: only(["authorizer.group('').resource('pods').namespace('x').check('delete').allowed()"]),
      open: only([fails], { ...use('open'), failurePolicy: 'Ignore' }),
      closed: only([fails], use('closed')),
      'closed-twice': only([fails, 'object.none'.concat(' == 1')], use('closed-twice')),
    });
    await server.post(configMaps(server), configMap('a'));
    hooks.recordCalls('all that hold', { sorted: true });
    await server.patch(`${configMaps(server)}/a`, 'merge', { data: { x: 'y' } });
    hooks.recordCalls('an update', { sorted: true });
    for (const one of ['open', 'closed', 'closed-twice']) {
      await server.post(configMaps(server), labelled(one, { use: one }));
      hooks.recordCalls(one, { sorted: true });
    }
  }),
  scenario(area, 'whose conditions are wrong are refused', async (server) => {
    const conditions = {
      good: [{ name: 'a', expression: 'object == null' }],
      syntax: [{ name: 'a', expression: 'object.' }],
      type: [{ name: 'a', expression: "'x'" }],
      params: [{ name: 'a', expression: 'params == null' }],
      unnamed: [{ name: '', expression: 'true' }],
      twice: [
        { name: 'a', expression: 'true' },
        { name: 'a', expression: ' ' },
      ],
    };
    for (const [name, matchConditions] of Object.entries(conditions)) {
      const clientConfig = { url: 'https://127.0.0.1/' };
      const webhook = { name: 'a.b.c', clientConfig, sideEffects: 'None', admissionReviewVersions: ['v1'] };
      await server.post('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations?dryRun=All', {
        metadata: { name: `${server.unique}-${name}` },
        webhooks: [{ ...webhook, matchConditions }],
      });
    }
  }),
  scenario(area, 'a patch that gives its own selector of namespaces', async (server) => {
    await using hooks = await WebhookServer.start(server);
    const { namespaceSelector } = await inNamespaceOf(server);
    await hooks.configure('Validating', 'a', { v: { webhook: { namespaceSelector } } });
    await server.post(configMaps(server), configMap('a'));
    hooks.recordCalls('once');
  }),
];
