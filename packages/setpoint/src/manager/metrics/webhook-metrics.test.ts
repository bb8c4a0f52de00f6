import https from 'node:https';
import { createCertificateAuthority } from '@setpoint/apimachinery/certificates';
import { expect, test } from 'vitest';
import { FakeApi } from '../../../test/fake/fake-api.ts';
import { Plain, Widget } from '../../../test/fake/kinds.ts';
import { webhook } from '../../webhook/index.ts';
import { operator } from '../index.ts';

const authority = createCertificateAuthority('test');

function post(port: number, path: string, body: string): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const options = { host: '127.0.0.1', port, path, method: 'POST', ca: authority.certificate, headers, agent: false };
  return new Promise((resolve, reject) => {
    const request = https.request(options, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const review = (kind: string, size: number) =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u1',
      operation: 'CREATE',
      kind: { group: 'test.example.com', version: 'v1', kind },
      object: { apiVersion: 'test.example.com/v1', kind, metadata: { name: 'a' }, spec: { size } },
    },
  });

test('answers of webhooks are counted by path and code, and timed; so are throws and reads of certificates', async () => {
  await using manager = operator({
    webhooks: [
      webhook(Widget, {
        validate: ({ spec }) => {
          if (spec.size === 0) throw new Error('a defect');
          return [];
        },
      }),
      webhook(Plain, { validate: () => [] }),
    ],
  }).manager({
    client: new FakeApi().client,
    metricsBindAddress: '127.0.0.1:0',
    webhooks: { bindAddress: '127.0.0.1:0', certificates: authority.issueServer(['127.0.0.1']) },
  });
  const running = manager.run();
  await manager.started;
  const [widget, plain] = ['/validate-test-example-com-v1-widget', '/validate-test-example-com-v1-plain'];
  const port = manager.addresses.webhooks?.port ?? 0;
  expect(await post(port, widget, review('Widget', 1))).toBe(200);
  // The review is answered, with the failure in it.
  expect(await post(port, widget, review('Widget', 0))).toBe(200);
  expect(await post(port, widget, 'no review')).toBe(400);
  const text = await (await fetch(`http://127.0.0.1:${manager.addresses.metrics?.port}/metrics`)).text();
  for (const series of [
    `controller_runtime_webhook_requests_total{webhook="${widget}",code="200"} 2`,
    `controller_runtime_webhook_requests_total{webhook="${widget}",code="400"} 1`,
    `controller_runtime_webhook_requests_total{webhook="${plain}",code="500"} 0`,
    `controller_runtime_webhook_requests_in_flight{webhook="${widget}"} 0`,
    `controller_runtime_webhook_latency_seconds_count{webhook="${widget}"} 3`,
    `controller_runtime_webhook_latency_seconds_count{webhook="${plain}"} 0`,
    'controller_runtime_webhook_panics_total 1',
    'controller_runtime_conversion_webhook_panics_total 0',
    'certwatcher_read_certificate_total 0',
    'certwatcher_read_certificate_errors_total 0',
  ]) {
    expect(text).toContain(series);
  }
  manager.stop();
  await running;
});
