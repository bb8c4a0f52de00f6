// biome-ignore-all lint/suspicious/noExplicitAny: reviews are written as they come over the wire.
import { FakeClock } from '@setpoint/apimachinery/clock';
import { FieldError } from '@setpoint/apimachinery/errors';
import { applyJsonPatch } from '@setpoint/apimachinery/patch';
import { describe, expect, it } from 'vitest';
import { Widget } from '../../test/fake/kinds.ts';
import { type LogLine, recordingLog } from '../../test/fake/operator.ts';
import { controller } from '../controller/index.ts';
import { ApiError } from '../errors/index.ts';
import { Pod } from '../kinds/builtin/core/v1.ts';
import { metricHandles, unservedMetrics } from '../metrics/index.ts';
import { admit } from './admission.ts';
import { allWebhooks, hooksOf, webhook } from './index.ts';
import { createRouter } from './router.ts';
import type { Webhook } from './types.ts';

const gvk = { group: 'test.example.com', version: 'v1', kind: 'Widget' };
const widget = (spec: object, metadata: object = {}): any => ({
  apiVersion: 'test.example.com/v1',
  kind: 'Widget',
  metadata: { namespace: 'default', name: 'a', ...metadata },
  spec,
});

function reviewOf(request: object): any {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u1',
      kind: gvk,
      name: 'a',
      namespace: 'default',
      operation: 'CREATE',
      userInfo: { username: 'jane', groups: ['devs'] },
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
      ...request,
    },
  };
}

const lines: LogLine[] = [];
let panics = 0;
async function ask(declared: Webhook, type: 'mutating' | 'validating', request: object) {
  const hook = hooksOf([declared]).find((one) => one.type === type) as any;
  const environment = {
    clock: new FakeClock(),
    log: recordingLog(lines),
    signal: new AbortController().signal,
    handles: metricHandles(unservedMetrics, undefined, undefined),
    panicked: () => void panics++,
  };
  return (await admit(hook, reviewOf(request), environment)).response;
}

describe('a mutating webhook', () => {
  const filling = webhook(Widget, {
    default: (draft, { warn, request }) => {
      if (draft.spec.color === undefined) warn(`color is missing, ${request.user.name}`);
      draft.spec.color ??= 'red';
    },
  });

  it('answers with the smallest patch, and keeps members that nobody here knows', async () => {
    const object = widget({ size: 3, unknown: { big: 9007199254740993n } });
    const response = await ask(filling, 'mutating', { object });
    const patch = JSON.parse(Buffer.from(response.patch as string, 'base64').toString());
    expect(patch).toEqual([{ op: 'add', path: '/spec/color', value: 'red' }]);
    expect(response).toMatchObject({
      uid: 'u1',
      allowed: true,
      patchType: 'JSONPatch',
      warnings: ['color is missing, jane'],
    });
    expect(applyJsonPatch(object, patch)).toEqual({ ...object, spec: { ...object.spec, color: 'red' } });
  });

  it('answers without a patch where nothing is missing, and for deletions without asking', async () => {
    const whole = widget({ size: 3, color: 'blue' });
    expect(await ask(filling, 'mutating', { object: whole })).toEqual({
      uid: 'u1',
      allowed: true,
      status: { code: 200 },
    });
    const deletion = { operation: 'DELETE', object: null, oldObject: widget({ size: 3 }) };
    expect(await ask(filling, 'mutating', deletion)).toEqual({ uid: 'u1', allowed: true, status: { code: 200 } });
  });

  it('does not touch the object that it was given', async () => {
    const object = Object.freeze(widget(Object.freeze({ size: 3 }) as object));
    await ask(filling, 'mutating', { object });
    expect(object.spec).toEqual({ size: 3 });
  });
});

describe('a validating webhook', () => {
  const strict = (validate: (object: any, context: any) => any) =>
    webhook(Widget, { operations: ['CREATE', 'UPDATE', 'DELETE'], validate });

  it('refuses broken fields with the 422 of the API server', async () => {
    const validate = () => [FieldError.invalid('spec.size', 0, 'must be greater than 0')];
    const response = await ask(strict(validate), 'validating', { object: widget({ size: 0 }) });
    expect(response.allowed).toBe(false);
    expect(response.status).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: 'Widget.test.example.com "a" is invalid: spec.size: Invalid value: 0: must be greater than 0',
      details: { causes: [{ reason: 'FieldValueInvalid', field: 'spec.size' }] },
    });
  });

  it('refuses with a sentence by a 403, and with an ApiError by just that', async () => {
    const response = await ask(
      strict(() => ['too small', 'too red']),
      'validating',
      { object: widget({ size: 0 }) },
    );
    expect(response.status).toEqual({
      status: 'Failure',
      code: 403,
      reason: 'Forbidden',
      message: 'too small; too red',
    });
    const status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      reason: 'Conflict',
      message: 'no',
    };
    const conflict = new ApiError({ request: { verb: 'get', kind: 'x' }, httpStatus: 409, status: status as any });
    const thrown = await ask(
      strict(() => {
        throw conflict;
      }),
      'validating',
      { object: widget({ size: 0 }) },
    );
    expect(thrown.status).toMatchObject({ code: 409, reason: 'Conflict', message: 'no' });
  });

  it('sees the old object at an update, what goes at a deletion, dry runs, and who asks', async () => {
    const seen: any[] = [];
    const watching = strict((object, { old, request }) => {
      seen.push([request.operation, object.spec.size, old?.spec.size, request.dryRun, request.user.groups]);
    });
    await ask(watching, 'validating', {
      operation: 'UPDATE',
      object: widget({ size: 2 }),
      oldObject: widget({ size: 1 }),
    });
    await ask(watching, 'validating', {
      operation: 'DELETE',
      object: null,
      oldObject: widget({ size: 2 }),
      dryRun: true,
    });
    expect(seen).toEqual([
      ['UPDATE', 2, 1, false, ['devs']],
      ['DELETE', 2, undefined, true, ['devs']],
    ]);
  });

  it('answers what throws with a 500, counts it, and goes on', async () => {
    let calls = 0;
    const moody = strict(async () => {
      if (++calls === 1) throw new TypeError('x is undefined');
    });
    panics = 0;
    const response = await ask(moody, 'validating', { object: widget({ size: 1 }) });
    expect(response).toMatchObject({
      uid: 'u1',
      allowed: false,
      status: { code: 500, message: 'panic: x is undefined [recovered]' },
    });
    expect(panics).toBe(1);
    expect((await ask(moody, 'validating', { object: widget({ size: 1 }) })).allowed).toBe(true);
  });

  it('of a controller lets pass what is being deleted, so that its finalizers can go', async () => {
    const declared = controller(Widget, { validate: () => ['never'], reconcile: () => {} });
    const [own] = allWebhooks([declared], []) as [Webhook];
    const leaving = widget({ size: 1 }, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    const update = { operation: 'UPDATE', object: leaving, oldObject: leaving };
    expect((await ask(own, 'validating', update)).allowed).toBe(true);
    expect((await ask(own, 'validating', { object: widget({ size: 1 }) })).allowed).toBe(false);
  });
});

describe('what is declared', () => {
  it('has the paths of controller-runtime', () => {
    const of = (declared: Webhook) => hooksOf([declared]).map(({ path }) => path);
    const both = { default: () => {}, validate: () => [] };
    expect(of(webhook(Pod, both))).toEqual(['/mutate--v1-pod', '/validate--v1-pod']);
    expect(of(webhook(Widget, both))).toEqual([
      '/mutate-test-example-com-v1-widget',
      '/validate-test-example-com-v1-widget',
    ]);
  });

  it('counts once for a kind: a webhook() before a controller, and never two', () => {
    const own = controller(Widget, { validate: () => [], reconcile: () => {} });
    const other = webhook(Widget, { default: () => {} });
    expect(allWebhooks([own], [other])).toEqual([other]);
    expect(() => allWebhooks([], [other, other])).toThrow('two webhooks of Widget');
    expect(() => allWebhooks([own, { ...own, name: 'second' }], [])).toThrow('say in a webhook() which counts');
  });

  it('refuses what cannot work', () => {
    expect(() => webhook(Widget, {})).toThrow('give it `default`');
    expect(() => webhook(Widget, { validate: () => [], timeout: '31s' })).toThrow('from 1 to 30');
    expect(() => webhook(Widget, { validate: () => [], timeout: 1500 })).toThrow('whole number of seconds');
  });

  it('is asked only about what the controller looks at', () => {
    const own = controller(Widget, {
      namespace: 'here',
      labelSelector: 'app=a,!old',
      validate: () => [],
      reconcile: () => {},
    });
    expect(allWebhooks([own], [])[0]).toMatchObject({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'here' } },
      objectSelector: {
        matchExpressions: [
          { key: 'app', operator: 'In', values: ['a'] },
          { key: 'old', operator: 'DoesNotExist' },
        ],
      },
    });
  });
});

describe('over HTTP', () => {
  const clock = new FakeClock();
  const declared = webhook(Widget, {
    validate: (object, { signal }) =>
      object.spec.size > 0
        ? []
        : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  });
  const codes: [string, number][] = [];
  const router = createRouter({
    hooks: hooksOf([declared]),
    crds: [],
    clock,
    log: recordingLog([]),
    metrics: {
      prepare: () => {},
      inFlight: () => {},
      answered: (path, code) => void codes.push([path, code]),
      panic: () => {},
      conversionPanic: () => {},
      certificateRead: () => {},
      certificateReadError: () => {},
    },
  });
  const url = '/validate-test-example-com-v1-widget';
  const post = (body: unknown, more: object = {}) =>
    router.answer({
      method: 'POST',
      url,
      contentType: 'application/json',
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      signal: new AbortController().signal,
      ...more,
    });

  it('refuses what is no review of this kind with a 400', async () => {
    const review = reviewOf({ object: widget({ size: 1 }) });
    const broken: [unknown, string][] = [
      ['', 'empty'],
      ['{', 'unexpected end'],
      ['[]', 'no JSON object'],
      [{ ...review, kind: 'Pod' }, 'expected an AdmissionReview'],
      [{ ...review, request: undefined }, 'no request'],
      [reviewOf({ uid: '', object: widget({}) }), 'no uid'],
      [reviewOf({ kind: { ...gvk, kind: 'Other' }, object: widget({}) }), 'this webhook is for Widget'],
      [reviewOf({ object: { ...widget({}), kind: 'Other' } }), 'object is a Other'],
      [reviewOf({ object: null }), 'CREATE without an object'],
      [reviewOf({ operation: 'PATCH', object: widget({}) }), 'unknown operation'],
    ];
    for (const [body, message] of broken) {
      const { status, body: answer } = await post(body);
      expect([message, status, answer]).toEqual([message, 400, expect.stringContaining(message)]);
    }
    expect((await post(review, { contentType: 'text/plain' })).status).toBe(400);
    expect((await post(review, { body: undefined })).status).toBe(413);
    expect((await post(review, { method: 'GET' })).status).toBe(405);
    expect((await post(review, { url: '/other' })).status).toBe(404);
    expect((await post(review)).status).toBe(200);
  });

  it('answers in the version that it was asked in', async () => {
    const { body } = await post({
      ...reviewOf({ object: widget({ size: 1 }) }),
      apiVersion: 'admission.k8s.io/v1beta1',
    });
    expect(JSON.parse(body)).toMatchObject({ apiVersion: 'admission.k8s.io/v1beta1', kind: 'AdmissionReview' });
  });

  it('gives up when the time that the API server has is over, and lets go of the context', async () => {
    const answer = post(reviewOf({ object: widget({ size: 0 }) }), { url: `${url}?timeout=3s` });
    await clock.advance(2999);
    await clock.advance(1);
    expect((await answer).status).toBe(504);
    expect(codes.at(-1)).toEqual([url, 504]);
  });

  it('gives up when whoever asked has gone', async () => {
    const gone = new AbortController();
    const answer = post(reviewOf({ object: widget({ size: 0 }) }), { signal: gone.signal });
    gone.abort();
    expect((await answer).status).toBe(499);
  });
});
