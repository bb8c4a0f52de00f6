import { filtered, script } from '../script.ts';

/** Groups that both servers serve; a real one has more. */
const served =
  /^(NAME|KIND|(admissionregistration|apiextensions|coordination|discovery|events|networking|policy|rbac\.authorization|storage)(\.k8s\.io)?\/v1|apps\/v1|batch\/v1|autoscaling\/v[12]|policy\/v1|v1|things\.example\.com\/v1)$/;
const rows =
  / (v1|apps\/v1|batch\/v1|autoscaling\/v2|(admissionregistration|apiextensions|coordination|discovery|events|networking|rbac\.authorization|storage)\.k8s\.io\/v1|policy\/v1|things\.example\.com\/v1) +(true|false) +|^NAME/;

const explained = [
  'gizmo',
  'gizmo.spec.parts',
  'gizmo.spec.parts.count',
  'gizmo.spec.limit',
  'gizmo.spec.colour',
  'gizmo.spec.options',
  'gizmo --recursive',
  'gizmo --output=plaintext-openapiv2',
  'gizmo --api-version=things.example.com/v9',
  'gizmo.spec.nope',
  'nosuchkind',
  'pod',
  'pod.spec.containers.livenessProbe.httpGet.port',
  'svc.spec',
  'deploy.spec.strategy.rollingUpdate',
  'deploy --recursive',
  'sts',
  'job.spec',
  'ingress',
  'crd.spec',
  'crd --recursive',
  'lease.spec',
  'events --api-version=events.k8s.io/v1',
  'endpointslice',
];

export const asking = [
  script('explain', () => explained.map((what) => `explain ${what}`)),
  script('discovery', () => [
    filtered(rows, 'api-resources'),
    filtered(rows, 'api-resources -o wide'),
    'api-resources --api-group=apps',
    'api-resources --api-group=things.example.com -o name',
    'api-resources --api-group=no.such.group',
    filtered(/^[^/]+$/, 'api-resources --api-group= --namespaced=true --verbs=list,get -o name'),
    'api-resources --categories=all',
    'api-resources --categories=toys',
    filtered(served, 'api-versions'),
    'version',
    'cluster-info',
    'get --raw /apis/apps',
    'config current-context --minify',
    'get pods --request-timeout=5s',
  ]),
];
