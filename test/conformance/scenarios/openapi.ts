import { scenario } from '../scenario.ts';

/** Schemas with everything that a schema can say. */
const compared = [
  'io.k8s.api.core.v1.ConfigMap',
  'io.k8s.api.core.v1.Container',
  'io.k8s.api.core.v1.PodSpec',
  'io.k8s.api.core.v1.ServicePort',
  'io.k8s.api.apps.v1.DeploymentList',
  'io.k8s.api.certificates.v1.CertificateSigningRequestSpec',
  'io.k8s.api.flowcontrol.v1.FlowSchema',
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps',
  'io.k8s.apimachinery.pkg.api.resource.Quantity',
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Status',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
];

/** What is published of the schemas, beside what kubectl shows of them. */
export const openApi = [
  scenario('openapi', 'version 2 in JSON: the schemas', async (server) => {
    const { status, headers, body } = await server.get('/openapi/v2', { unrecorded: true });
    server.record('head', { status, type: headers['content-type'], tagged: 'etag' in headers });
    server.record('about', { swagger: body.swagger, security: body.security, definitions: body.securityDefinitions });
    for (const name of compared) server.record(name, body.definitions[name]);
  }),
  scenario('openapi', 'version 3: an old hash leads to the new one', async (server) => {
    const index = (await server.get('/openapi/v3', { unrecorded: true })).body;
    const { serverRelativeURL: current } = index.paths['apis/apps/v1'];
    const same = await server.get(current, { unrecorded: true });
    const tag = String(same.headers.etag);
    server.record('current', { status: same.status, cache: same.headers['cache-control'], kind: same.body.openapi });
    server.record('the tag is the hash', tag === `"${current.split('hash=')[1]}"`);
    const old = await server.get('/openapi/v3/apis/apps/v1?hash=AB', { unrecorded: true });
    server.record('old', { status: old.status, leadsOn: old.headers.location === current });
    const known = await server.get(current, { unrecorded: true, headers: { 'if-none-match': tag } });
    server.record('known', { status: known.status, text: known.text });
    const missing = await server.get('/openapi/v3/apis/nothing.example.com/v1', { unrecorded: true });
    server.record('missing', { status: missing.status });
  }),
];
