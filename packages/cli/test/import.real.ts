import { test } from 'vitest';
import { type ForeignModule, importsAll } from './foreign-modules.ts';

/** The rest are in import.long.ts. */
const modules: readonly ForeignModule[] = [
  {
    module: 'github.com/cert-manager/cert-manager@v1.21.2',
    files: 'deploy/crds/*.yaml',
    objects: [
      {
        apiVersion: 'cert-manager.io/v1',
        kind: 'Certificate',
        spec: {
          secretName: 'web-tls',
          duration: '2160h',
          usages: ['digital signature', 'server auth'],
          dnsNames: ['example.com'],
          privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
          issuerRef: { name: 'ca', kind: 'ClusterIssuer', group: 'cert-manager.io' },
        },
      },
      {
        apiVersion: 'cert-manager.io/v1',
        kind: 'ClusterIssuer',
        spec: {
          acme: {
            server: 'https://acme.example.com/directory',
            privateKeySecretRef: { name: 'account' },
            solvers: [
              { http01: { ingress: { ingressClassName: 'nginx', podTemplate: { metadata: { labels: { a: 'b' } } } } } },
            ],
          },
        },
      },
    ],
  },
  {
    module: 'github.com/openshift/api@v0.0.0-20240527133614-ba11c1587003',
    files: 'route/v1/zz_generated.crd-manifests/routes-Default.crd.yaml',
    objects: [
      {
        apiVersion: 'route.openshift.io/v1',
        kind: 'Route',
        spec: {
          host: 'www.example.com',
          to: { kind: 'Service', name: 'web', weight: 100 },
          port: { targetPort: 'http' },
          tls: { termination: 'edge', insecureEdgeTerminationPolicy: 'Redirect' },
        },
      },
    ],
  },
];

test.each(modules)('kinds of $module are imported, type-checked, linted, applied and read', importsAll, 300_000);
