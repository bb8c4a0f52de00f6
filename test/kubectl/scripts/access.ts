import { run, script } from '../script.ts';

const account = (namespace: string) => `--as=system:serviceaccount:${namespace}:robot`;

export const access = [
  script('whoami', () => [
    'auth whoami --as=jane',
    'auth whoami --as=jane --as-group=dev --as-group=ops -o yaml',
    'auth whoami --as=jane --as-uid=77 -o json',
    'auth whoami --as=system:serviceaccount:a:b',
    'get pods --as=jane',
    'get nodes --as=jane --as-group=dev',
    'get --raw /metrics --as=jane',
    'get --raw /livez --as=jane',
  ]),
  script('can-i', (namespace) => [
    'create role reader --verb=get,list --resource=pods,pods/log,deployments.apps',
    'create rolebinding reader --role=reader --user=jane --serviceaccount=default:robot --group=team',
    'create serviceaccount robot',
    `create rolebinding robot --role=reader --serviceaccount=${namespace}:robot`,
    'describe rolebinding reader',
    'describe role reader',
    'auth can-i get pods --as=jane',
    'auth can-i get pods --subresource=log --as=jane',
    'auth can-i list deployments.apps --as=jane',
    'auth can-i delete pods --as=jane',
    'auth can-i delete pods/a --as=jane',
    'auth can-i get pods -A --as=jane',
    'auth can-i get /healthz --as=jane',
    'auth can-i get /logs --as=jane -q',
    "auth can-i '*' '*'",
    'auth can-i --list --as=jane',
    'auth can-i --list --as=nobody --no-headers',
    `auth can-i list pods ${account(namespace)}`,
    `get pods ${account(namespace)}`,
    `delete pods --all ${account(namespace)}`,
    `get pods -A ${account(namespace)}`,
    'auth can-i list pods --as=jane --as-group=team -n default',
    'delete rolebinding reader',
    'get role,rolebinding',
    'auth can-i get pods --as=jane',
  ]),
  script('tokens', () => [
    'create serviceaccount robot',
    'create token robot --duration=1m',
    'create token nobody',
    'create token robot --audience=a --audience=b -o jsonpath={.spec.audiences}',
    'create token robot --duration=1h -o jsonpath={.spec.expirationSeconds}',
    'create token robot --bound-object-kind=Secret --bound-object-name=none',
    'create token robot --bound-object-kind=Pod',
    'create token robot --as=jane',
  ]),
  script('reconcile roles', (namespace) => {
    const rbac = 'rbac.authorization.k8s.io/v1';
    const role = (...verbs: string[]) => ({
      apiVersion: rbac,
      kind: 'Role',
      metadata: { name: 'r', namespace },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs }],
    });
    const binding = (name: string) => ({
      apiVersion: rbac,
      kind: 'RoleBinding',
      metadata: { name: 'b', namespace },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
    });
    return [
      run('auth reconcile -f -', role('get'), binding('jane')),
      run('auth reconcile -f -', role('list'), binding('joe')),
      'get role r -o jsonpath={.rules[*].verbs}',
      'get rolebinding b -o wide',
      run('auth reconcile --remove-extra-permissions --remove-extra-subjects -f -', role('watch'), binding('joe')),
      'get role r -o jsonpath={.rules[*].verbs}',
      run('auth reconcile --dry-run=client -f -', role('delete')),
      run('apply -f -', role('get', 'delete')),
      run('apply -f - --as=jane', role('get')),
    ];
  }),
];
