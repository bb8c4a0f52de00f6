import type { Condition, Template } from './template.ts';

/** The folders of `config/`, as kubebuilder lays them out. */
export type Folder = 'crd/bases' | 'rbac' | 'manager' | 'webhook' | 'default' | 'prometheus' | 'network-policy';

/** One object of a deployment, and where it stands in each form of it. */
export interface Part {
  readonly folder: Folder;
  /** Without ending; parts of one file stand in it one after the other. */
  readonly file: string;
  readonly object: Template;
  /** When it is part of a deployment; left out: always. */
  readonly condition?: Condition;
  /** Once for each of these, which a chart has as the list at that path; `object` stands for all of them there. */
  readonly each?: { readonly path: string; readonly objects: readonly Template[] };
  /** Helm makes the namespace itself. */
  readonly outsideChart?: boolean;
}
