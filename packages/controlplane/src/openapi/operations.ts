import type { ServedResource } from '../registry/index.ts';
import { capital, operationPrefix, tagOf } from './names.ts';
import { type Parameter, parameter } from './parameters.ts';

/** What a path item is about: a resource or one of its subresources. */
export interface Subject {
  readonly resource: ServedResource;
  /** `Status`, `Scale`: put behind the operation id. */
  readonly suffix: string;
  readonly gvk: { readonly group: string; readonly version: string; readonly kind: string };
  /** Name of the component that is answered with. */
  readonly component: string;
  readonly listComponent: string;
}

type Operation = { readonly [key: string]: unknown };

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const customMediaTypes = ['application/json', 'application/yaml'];
const builtinMediaTypes = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml'];
const patchTypes = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];
const strategic = 'application/strategic-merge-patch+json';

/** The parameters of lists and watches. */
export const listParameters: readonly Parameter[] = [
  parameter('allowWatchBookmarks', 'boolean'),
  parameter('continue', 'string'),
  parameter('fieldSelector', 'string'),
  parameter('labelSelector', 'string'),
  parameter('limit', 'integer'),
  parameter('resourceVersion', 'string'),
  parameter('resourceVersionMatch', 'string'),
  parameter('sendInitialEvents', 'boolean'),
  parameter('timeoutSeconds', 'integer'),
  parameter('watch', 'boolean'),
];
const writeParameters = [
  parameter('dryRun', 'string'),
  parameter('fieldManager', 'string'),
  parameter('fieldValidation', 'string'),
];
const deleteParameters = [
  parameter('dryRun', 'string'),
  parameter('gracePeriodSeconds', 'integer'),
  parameter('orphanDependents', 'boolean'),
  parameter('propagationPolicy', 'string'),
];

/** The operation of one verb on one path. */
export function operation(verb: string, subject: Subject, allNamespaces = false): Operation {
  const { resource, component, listComponent } = subject;
  const { kind } = resource;
  const body = { $ref: `#/components/schemas/${component}` };
  const answer = (...codes: readonly number[]) => responses(subject, codes, component);
  const status = (...codes: readonly number[]) => responses(subject, codes, `${meta}.Status`);
  const make = (word: string, action: string, rest: Operation, middle = ''): Operation => ({
    tags: [tagOf(resource.group, resource.version)],
    description: describe(action, kind),
    operationId: `${word}${operationPrefix(resource.group, resource.version)}${middle}${scopeOf(resource, allNamespaces)}${kind}${allNamespaces ? 'ForAllNamespaces' : subject.suffix}`,
    ...rest,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': subject.gvk,
  });
  switch (verb) {
    case 'get':
      return make('read', 'get', { responses: answer(200) });
    case 'list':
      return make('list', 'list', {
        ...(allNamespaces ? {} : { parameters: listParameters }),
        responses: responses(subject, [200], listComponent),
      });
    case 'create':
      return make('create', 'post', {
        parameters: writeParameters,
        requestBody: content(subject, body),
        responses: answer(200, 201, 202),
      });
    case 'update':
      return make('replace', 'put', {
        parameters: writeParameters,
        requestBody: content(subject, body),
        responses: answer(200, 201),
      });
    case 'patch':
      return make('patch', 'patch', {
        parameters: [...writeParameters, parameter('force', 'boolean')],
        requestBody: patchBody(resource),
        responses: resource.custom ? answer(200) : answer(200, 201),
      });
    case 'delete':
      return make('delete', 'delete', {
        parameters: deleteParameters,
        requestBody: deleteBody(subject),
        responses: status(200, 202),
      });
    case 'deletecollection':
      return make(
        'delete',
        'deletecollection',
        {
          parameters: [...listParameters, ...deleteParameters],
          requestBody: deleteBody(subject),
          responses: status(200),
        },
        'Collection',
      );
    default:
      throw new Error(`no operation for the verb ${verb}`);
  }
}

function scopeOf(resource: ServedResource, allNamespaces: boolean): string {
  return resource.namespaced && !allNamespaces ? 'Namespaced' : '';
}

function describe(action: string, kind: string): string {
  switch (action) {
    case 'list':
      return `list objects of kind ${kind}`;
    case 'get':
      return `read the specified ${kind}`;
    case 'post':
      return `create ${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`;
    case 'put':
      return `replace the specified ${kind}`;
    case 'patch':
      return `partially update the specified ${kind}`;
    case 'deletecollection':
      return `delete collection of ${kind}`;
    default:
      return `${action} ${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`;
  }
}

function content(subject: Subject, schema: object): object {
  const types = subject.resource.custom ? customMediaTypes : ['*/*'];
  return { content: Object.fromEntries(types.map((type) => [type, { schema }])), required: true };
}

function deleteBody(subject: Subject): object {
  const { content: types } = content(subject, { $ref: `#/components/schemas/${meta}.DeleteOptions` }) as {
    content: object;
  };
  return { content: types };
}

function patchBody(resource: ServedResource): object {
  const schema = { $ref: `#/components/schemas/${meta}.Patch` };
  const types = resource.custom ? patchTypes : [...patchTypes, strategic];
  return { content: Object.fromEntries(types.map((type) => [type, { schema }])), required: true };
}

const texts: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

function responses(subject: Subject, codes: readonly number[], component: string): object {
  const types = subject.resource.custom ? customMediaTypes : builtinMediaTypes;
  const schema = { $ref: `#/components/schemas/${component}` };
  const entries = codes.map((code) => {
    const one = { description: texts[code], content: Object.fromEntries(types.map((type) => [type, { schema }])) };
    return [String(code), one];
  });
  return { ...Object.fromEntries(entries), '401': { description: 'Unauthorized' } };
}

/** `Status` of `status`, `Ephemeralcontainers` of `ephemeralcontainers`. */
export function suffixOf(subresource: string): string {
  return capital(subresource);
}
