import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import type { Loose } from '../walk.ts';
import type { Errors } from './common.ts';

const template = ['spec', 'template', 'spec'];

/** Where the pods of a kind are described. */
const podSpecs: Readonly<Record<string, readonly string[]>> = {
  'core/v1.Pod': ['spec'],
  'core/v1.PodTemplate': ['template', 'spec'],
  'core/v1.ReplicationController': template,
  'apps/v1.Deployment': template,
  'apps/v1.ReplicaSet': template,
  'apps/v1.StatefulSet': template,
  'apps/v1.DaemonSet': template,
  'batch/v1.Job': template,
  'batch/v1.CronJob': ['spec', 'jobTemplate', ...template],
};

/** Containers with all rights of their node, where the server was started not to have any; undefined for other kinds. */
export function privilegedCheck(type: string): ((object: Loose) => Errors) | undefined {
  const names = podSpecs[type];
  if (!names) return undefined;
  const path = FieldPath.of(...names);
  return (object) => {
    const errors: Errors = [];
    let spec = object;
    for (const name of names) spec = spec?.[name];
    for (const list of ['initContainers', 'containers']) {
      (spec?.[list] ?? []).forEach(({ securityContext }: Loose, index: number) => {
        if (!securityContext?.privileged) return;
        const at = path.child(list).index(index).child('securityContext', 'privileged');
        errors.push(FieldError.forbidden(at, 'disallowed by cluster policy'));
      });
    }
    return errors;
  };
}
