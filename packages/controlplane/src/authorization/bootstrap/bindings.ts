import type { RuleText } from './cluster-roles.ts';

/** Cluster roles that hold what others hold, by the label that chooses those, and the labels by which they are chosen. */
export const gatheringRoles: Readonly<Record<string, { readonly gathers: string; readonly label?: string }>> = {
  admin: { gathers: 'admin' },
  edit: { gathers: 'edit', label: 'admin' },
  view: { gathers: 'view', label: 'edit' },
};

/** Parts of the roles above, by the label that puts them there. */
export const gatheredRoles: Readonly<Record<string, string>> = {
  'system:aggregate-to-admin': 'admin',
  'system:aggregate-to-edit': 'edit',
  'system:aggregate-to-view': 'view',
};

/** `group:name`, `user:name` or `account:name`, a service account of kube-system. */
export type SubjectText = `${'group' | 'user' | 'account'}:${string}`;

/** Cluster roles that are bound, each by a binding of its own name. */
export const clusterRoleBindings: Readonly<Record<string, readonly SubjectText[]>> = {
  'cluster-admin': ['group:system:masters'],
  'system:basic-user': ['group:system:authenticated'],
  'system:discovery': ['group:system:authenticated'],
  'system:kube-controller-manager': ['user:system:kube-controller-manager'],
  'system:kube-dns': ['account:kube-dns'],
  'system:kube-scheduler': ['user:system:kube-scheduler'],
  'system:monitoring': ['group:system:monitoring'],
  'system:node': [],
  'system:node-proxier': ['user:system:kube-proxy'],
  'system:public-info-viewer': ['group:system:authenticated', 'group:system:unauthenticated'],
  'system:service-account-issuer-discovery': ['group:system:serviceaccounts'],
  'system:volume-scheduler': ['user:system:kube-scheduler'],
};

export interface BoundRole {
  readonly namespace: string;
  readonly role: string;
  /** Of the binding, where it is not the role's. */
  readonly binding?: string;
  readonly rules: readonly RuleText[];
  readonly subjects: readonly SubjectText[];
}

const leaderLocks: readonly RuleText[] = [
  'create,get,list,update,watch coordination.k8s.io leases',
  'create,get,list,update,watch coordination.k8s.io leasecandidates',
];

/** Roles of one namespace, each with its binding. */
export const boundRoles: readonly BoundRole[] = [
  {
    namespace: 'kube-public',
    role: 'system:controller:bootstrap-signer',
    rules: [
      'get,list,watch core configmaps',
      'update core configmaps cluster-info',
      'create,patch,update core,events.k8s.io events',
    ],
    subjects: ['account:bootstrap-signer'],
  },
  {
    namespace: 'kube-system',
    role: 'extension-apiserver-authentication-reader',
    binding: 'system::extension-apiserver-authentication-reader',
    rules: ['get,list,watch core configmaps extension-apiserver-authentication'],
    subjects: ['user:system:kube-controller-manager', 'user:system:kube-scheduler'],
  },
  {
    namespace: 'kube-system',
    role: 'system::leader-locking-kube-controller-manager',
    rules: leaderLocks,
    subjects: [
      'user:system:kube-controller-manager',
      'account:kube-controller-manager',
      'account:leader-election-controller',
    ],
  },
  {
    namespace: 'kube-system',
    role: 'system::leader-locking-kube-scheduler',
    rules: leaderLocks,
    subjects: ['user:system:kube-scheduler', 'account:kube-scheduler'],
  },
  {
    namespace: 'kube-system',
    role: 'system:controller:bootstrap-signer',
    rules: ['get,list,watch core secrets'],
    subjects: ['account:bootstrap-signer'],
  },
  {
    namespace: 'kube-system',
    role: 'system:controller:cloud-provider',
    rules: ['create,get,list,watch core configmaps'],
    subjects: ['account:cloud-provider'],
  },
  {
    namespace: 'kube-system',
    role: 'system:controller:token-cleaner',
    rules: ['delete,get,list,watch core secrets', 'create,patch,update core,events.k8s.io events'],
    subjects: ['account:token-cleaner'],
  },
];
