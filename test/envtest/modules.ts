// Whose suites run on the launchers. Each module is fetched as it is published and nothing in it is changed.

export interface SuiteModule {
  readonly path: string;
  readonly version: string;
  /** A sentence or two for the table. */
  readonly about: string;
  /** The packages whose tests run; without it, those that start a control plane. */
  readonly packages?: readonly string[];
  readonly tags?: string;
  /** Modules that its go.mod expects in a folder of its own: the folder, and the module's path (of the same version). */
  readonly nested?: Readonly<Record<string, string>>;
  /**
   * Its tests start no server (or would download one): they get a KUBECONFIG of one that was started with the programs,
   * with the definitions of this folder applied.
   */
  readonly definitions?: string;
}

export const modules: readonly SuiteModule[] = [
  {
    path: 'sigs.k8s.io/controller-runtime',
    version: 'v0.25.2',
    about: 'The library under most operators: clients, caches, managers, webhooks, and envtest itself.',
  },
  {
    path: 'sigs.k8s.io/gateway-api',
    version: 'v1.4.1',
    about: 'Rules in CEL of its definitions, each with objects that they take and refuse, and the messages.',
    packages: ['pkg/test/cel'],
    tags: 'experimental',
    definitions: 'config/crd/experimental',
  },
  {
    path: 'github.com/fluxcd/pkg/ssa',
    version: 'v0.78.0',
    about: "Flux' server-side apply: ownership that is taken over, drift by dry runs, waiting, pruning.",
    packages: ['.', 'jsondiff'],
  },
  {
    path: 'sigs.k8s.io/cluster-api',
    version: 'v1.14.2',
    about:
      'Cluster API: conversion, defaulting and validation by webhooks, patches that keep to their fields, migrations.',
    packages: [
      'controllers/crdmigrator',
      'core/reconcilers/clusterclass',
      'core/reconcilers/machineset',
      'core/webhooks/admission/test',
      'internal/util/ssa/test',
      'util/patch/test',
    ],
    nested: { api: 'sigs.k8s.io/cluster-api/api' },
  },
];
