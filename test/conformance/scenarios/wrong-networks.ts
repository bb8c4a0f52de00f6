import { type Mistake, wrongObjects } from './wrong-objects.ts';

const selector = { matchLabels: { a: 'b' } };
const wrongSelector = { matchLabels: { 'bad key': 'bad value!' }, matchExpressions: [{ key: 'a', operator: 'Odd' }] };

const path = (given: object): Mistake => ['spec.rules.0.http.paths.0', given];
const service = (given: object): Mistake => ['spec.rules.0.http.paths.0.backend.service', given];
const backend = { service: { name: 's', port: { number: 80 } } };

const ingresses = wrongObjects({
  area: 'wrong Ingresses',
  collection: '/apis/networking.k8s.io/v1/{}/ingresses',
  good: {
    spec: {
      defaultBackend: backend,
      tls: [{ hosts: ['a.example.com'], secretName: 's' }],
      rules: [{ host: 'a.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  },
  mistakes: [
    ['spec', {}],
    ['spec.ingressClassName', 'Bad_'],
    ['metadata.annotations', { 'kubernetes.io/ingress.class': 'x' }],
    ['spec.tls.0.hosts', ['Bad_', '', '*.x', '1.2.3.4']],
    ['spec.tls.0.secretName', 'Bad_'],
    ['spec.rules.0.host', '1.2.3.4'],
    ['spec.rules.0.host', 'fe80::1'],
    ['spec.rules.0.host', '*'],
    ['spec.rules.0.host', 'a.*.com'],
    ['spec.rules.0.host', 'Bad_'],
    ['spec.rules.0.http.paths', []],
    path({ path: '/', backend }),
    path({ path: '/', pathType: 'Odd', backend }),
    path({ path: 'x', pathType: 'Exact', backend }),
    path({ path: 'x', pathType: 'ImplementationSpecific', backend }),
    path({ path: '/a//b/./c/../d%2f%2F', pathType: 'Prefix', backend }),
    path({ path: '/a/..', pathType: 'Prefix', backend }),
    path({ path: '/a/.', pathType: 'Exact', backend }),
    path({ path: '/', pathType: 'Exact' }),
    path({ path: '/', pathType: 'Exact', backend: { ...backend, resource: { kind: 'X', name: 'x' } } }),
    path({ path: '/', pathType: 'Exact', backend: { resource: { apiGroup: 'Bad_', kind: 'a/b', name: '' } } }),
    service({ name: '', port: {} }),
    service({ name: 'Bad_', port: { number: 70000 } }),
    service({ name: '0', port: { name: 'a', number: 1 } }),
    service({ name: 's', port: { name: 'bad_port' } }),
  ],
});

const classes = wrongObjects({
  area: 'wrong IngressClasses',
  collection: '/apis/networking.k8s.io/v1/ingressclasses',
  good: { spec: { controller: 'example.com/x', parameters: { apiGroup: 'a.example.com', kind: 'X', name: 'x' } } },
  mistakes: [
    ['spec.controller', ''],
    ['spec.controller', 'odd'],
    ['spec.controller', 'Bad_/a b'],
    ['spec.controller', `example.com/${'x'.repeat(250)}`],
    ['spec.controller', 'example.com/other'],
    ['spec.parameters', { apiGroup: 'Bad_', kind: '', name: '' }],
    ['spec.parameters', { kind: 'a/b', name: '..' }],
    ['spec.parameters.scope', 'Odd'],
    ['spec.parameters.scope', 'Namespace'],
    ['spec.parameters.namespace', 'x'],
    ['spec.parameters', { kind: 'X', name: 'x', scope: 'Namespace', namespace: 'Bad_' }],
  ],
});

const peers = (given: unknown): Mistake => ['spec.ingress.0.from', given];
const ports = (given: unknown): Mistake => ['spec.ingress.0.ports', given];
const block = (ipBlock: object): Mistake => ['spec.egress.0.to', [{ ipBlock }]];

const policies = wrongObjects({
  area: 'wrong NetworkPolicies',
  collection: '/apis/networking.k8s.io/v1/{}/networkpolicies',
  good: {
    spec: {
      podSelector: selector,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [{ podSelector: selector }], ports: [{ port: 80, endPort: 90, protocol: 'TCP' }] }],
      egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }],
    },
  },
  mistakes: [
    ['spec.podSelector', wrongSelector],
    ['spec.policyTypes', ['Ingress', 'Egress', 'Ingress']],
    ['spec.policyTypes', ['Odd', '']],
    peers([{}]),
    peers([{ podSelector: selector, ipBlock: { cidr: '10.0.0.0/8' } }]),
    peers([{ podSelector: wrongSelector, ipBlock: { cidr: 'odd' } }]),
    peers([{ namespaceSelector: wrongSelector }]),
    block({}),
    block({ cidr: '10.0.0.1/8' }),
    block({ cidr: '010.0.0.0/8' }),
    block({ cidr: '10.0.0.0/08' }),
    block({ cidr: '::ffff:1.2.3.0/120' }),
    block({ cidr: '10.0.0.0/33' }),
    block({ cidr: '10.0.0.0/8', except: ['10.0.0.0/8', '11.0.0.0/16', 'odd', 'fe80::/16'] }),
    block({ cidr: '2001:db8::/32', except: ['2001:db8:1::/48', '2001:db9::/48'] }),
    ports([{ port: 0 }, { port: 70000 }, { port: 'bad_port' }]),
    ports([{ endPort: 5 }, { port: 'http', endPort: 5 }, { port: 80, endPort: 70 }]),
    ports([{ port: 80, endPort: 70000 }, { protocol: 'ODD' }]),
  ],
});

const endpoint = (given: object): Mistake => ['endpoints', [{ addresses: ['1.2.3.4'], ...given }]];
const many = (count: number, item: object) => Array.from({ length: count }, () => item);

const slices = wrongObjects({
  area: 'wrong EndpointSlices',
  collection: '/apis/discovery.k8s.io/v1/{}/endpointslices',
  good: {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['1.2.3.4'] }],
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  },
  mistakes: [
    ['addressType', ''],
    ['addressType', 'Odd'],
    ['addressType', 'IPv6'],
    ['addressType', 'FQDN'],
    endpoint({ addresses: [] }),
    endpoint({ addresses: ['', 'odd', '01.2.3.4', 'fe80::1', '::ffff:1.2.3.4'] }),
    endpoint({ addresses: ['0.0.0.0', '127.0.0.1', '169.254.1.1', '224.0.0.1'] }),
    endpoint({ addresses: Array.from({ length: 101 }, () => '1.2.3.4') }),
    endpoint({ nodeName: 'Bad_', hostname: 'Bad_' }),
    endpoint({ hints: { forZones: [{ name: 'a' }, { name: 'a' }, { name: 'bad zone' }] } }),
    endpoint({ hints: { forZones: many(9, { name: 'a' }) } }),
    endpoint({ hints: { forNodes: [{ name: 'Bad_' }, { name: 'Bad_' }] } }),
    ['endpoints', many(1001, { addresses: ['1.2.3.4'] })],
    ['ports', many(2, { name: 'a', port: 80 })],
    ['ports', [{ name: 'Bad_', protocol: 'ODD', appProtocol: 'bad protocol!' }]],
  ],
});

const domains = wrongObjects({
  area: 'wrong EndpointSlices of names',
  collection: '/apis/discovery.k8s.io/v1/{}/endpointslices',
  good: { addressType: 'FQDN', endpoints: [{ addresses: ['a.example.com'] }] },
  mistakes: [['endpoints', [{ addresses: ['', 'a', 'Bad_', 'a.b.', `${'x'.repeat(64)}.com`] }]]],
});

const six = wrongObjects({
  area: 'wrong EndpointSlices of IPv6',
  collection: '/apis/discovery.k8s.io/v1/{}/endpointslices',
  good: { addressType: 'IPv6', endpoints: [{ addresses: ['2001:db8::1'] }] },
  mistakes: [
    ['endpoints', [{ addresses: ['1.2.3.4', '2001:DB8::1', 'fe80::1', '::1', '::', 'ff02::1', '2001:db8:0::1'] }]],
  ],
});

const subset = (given: object): Mistake => ['subsets', [{ addresses: [{ ip: '1.2.3.4' }], ...given }]];

const endpoints = wrongObjects({
  area: 'wrong Endpoints',
  collection: '/api/v1/{}/endpoints',
  good: { subsets: [{ addresses: [{ ip: '1.2.3.4' }], ports: [{ port: 80 }] }] },
  mistakes: [
    ['subsets', [{}]],
    subset({ addresses: [{}, { ip: 'odd' }, { ip: '01.2.3.4' }] }),
    subset({ addresses: [{ ip: '127.0.0.1', hostname: 'Bad_', nodeName: 'Bad_' }] }),
    subset({ notReadyAddresses: [{ ip: '0.0.0.0' }, { ip: 'fe80::1' }, { ip: '::ffff:127.0.0.1' }] }),
    subset({ ports: [{ port: 80 }, { port: 81 }] }),
    subset({ ports: [{ port: 0, name: 'Bad_', protocol: 'ODD', appProtocol: 'bad protocol!' }] }),
  ],
});

/** Of networks, with a mistake each. */
export const wrongNetworks = [...ingresses, ...classes, ...policies, ...slices, ...domains, ...six, ...endpoints];
