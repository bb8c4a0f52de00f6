import { FieldError, formatFieldErrors } from '@setpoint/apimachinery/errors';
import type { Action, ActionRequest, MutableObject } from '../registry/index.ts';
import { badRequest, conflict, plainServerError } from '../status/index.ts';
import { type Backend, commitObject, mutableCopy, storable } from '../verbs/index.ts';
import { podContext, podEntry, setPodCondition } from './pods.ts';

/** POST of `pods/x/binding`, and of `bindings`, by which a scheduler gives a pod its node. */
export function podBinding(backend: () => Backend): Action {
  return { keepsSystemFields: true, run: (body, request) => bind(backend(), body, request) };
}

async function bind(backend: Backend, binding: MutableObject, request: ActionRequest): Promise<undefined> {
  const { name = '', uid, resourceVersion, annotations, labels } = binding.metadata;
  if (request.name !== '' && name !== request.name)
    throw badRequest('name in URL does not match name in Binding object');
  refuseTarget(binding);
  await request.validate();
  const context = podContext(backend, request, request.dryRun);
  const entry = podEntry(context, name);
  const { resource } = context;
  const refuse = (why: string) => conflict({ group: '', resource: 'pods/binding' }, name, why);
  const { metadata } = entry.object;
  if (uid && uid !== metadata.uid)
    throw refuse(
      `StorageError: invalid object, Code: 4, Key: /registry/pods/${entry.key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    );
  if (resourceVersion && resourceVersion !== metadata.resourceVersion)
    throw refuse(
      `StorageError: invalid object, Code: 4, Key: /registry/pods/${entry.key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`,
    );
  const pod = mutableCopy(resource.fromStorage(entry.object));
  if (metadata.deletionTimestamp) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
  if (pod.spec.schedulingGates?.length > 0) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  pod.spec.nodeName = binding.target.name;
  delete pod.status?.nominatedNodeName;
  const meta = pod.metadata as { annotations?: object; labels?: object };
  if (annotations) meta.annotations = { ...meta.annotations, ...annotations };
  if (labels) meta.labels = { ...meta.labels, ...labels };
  setPodCondition(pod, { type: 'PodScheduled', status: 'True' }, backend.clock);
  if (!request.dryRun) commitObject(context, entry.key, entry.revision, storable(resource, pod), 'update');
  return undefined;
}

/** Errors of this check never become a Status of their own on the real server, so they come as 500 and a sentence. */
function refuseTarget(binding: MutableObject): void {
  const { kind = '', name = '' } = binding.target ?? {};
  const errors = [
    ...(kind !== '' && kind !== 'Node' ? [FieldError.notSupported('target.kind', kind, ['Node', '<empty>'])] : []),
    ...(name === '' ? [FieldError.required('target.name', '')] : []),
  ];
  if (errors.length > 0) throw plainServerError(formatFieldErrors(errors));
}
