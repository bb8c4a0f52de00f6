import { FieldError, goQuote } from '@setpoint/apimachinery/errors';
import type { JsonValue } from '@setpoint/apimachinery/meta';
import { decodeBody, negotiateBody } from '../http/index.ts';
import type { MutableObject } from '../registry/index.ts';
import { badRequest, StatusError } from '../status/index.ts';
import { goTypeName } from './patch.ts';
import type { RequestScope } from './scope.ts';
import { queryBoolean, queryInteger, refuseInvalidOptions, validateDryRun } from './write-options.ts';

export type PropagationPolicy = 'Orphan' | 'Background' | 'Foreground';

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: PropagationPolicy;
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

const policies: readonly string[] = ['Foreground', 'Background', 'Orphan', 'nil'];

/** From the body if there is one, else from the query. @throws StatusError 400 or 422 */
export async function parseDeleteOptions(scope: RequestScope): Promise<DeleteOptions> {
  const given = scope.body.length > 0 ? await fromBody(scope) : fromQuery(scope.query);
  const { orphanDependents, propagationPolicy, gracePeriodSeconds, preconditions } = given;
  const errors: FieldError[] = [];
  if (orphanDependents !== undefined && propagationPolicy !== undefined) {
    const why = 'orphanDependents and deletionPropagation cannot be both set';
    errors.push(FieldError.invalid('propagationPolicy', propagationPolicy, why));
  }
  if (propagationPolicy !== undefined && !policies.slice(0, 3).includes(propagationPolicy)) {
    errors.push(FieldError.notSupported('propagationPolicy', propagationPolicy, policies));
  }
  errors.push(...validateDryRun(given.dryRun));
  refuseInvalidOptions('DeleteOptions', errors);
  const { orphansByDefault } = scope.resource.strategy;
  if (orphansByDefault && propagationPolicy === undefined && orphanDependents === undefined)
    scope.warn(orphansByDefault);
  return {
    dryRun: given.dryRun.length > 0,
    ...(gracePeriodSeconds === undefined
      ? {}
      : { gracePeriodSeconds: gracePeriodSeconds < 0 ? 1 : gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy: propagationPolicy as PropagationPolicy }),
    ...(orphanDependents === undefined ? {} : { orphanDependents }),
    ...(preconditions ? { preconditions } : {}),
  };
}

interface Given {
  readonly dryRun: readonly string[];
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: string | undefined;
  readonly orphanDependents?: boolean | undefined;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
}

async function fromBody(scope: RequestScope): Promise<Given> {
  const object = await readBody(scope);
  const { kind, apiVersion } = object as { kind?: unknown; apiVersion?: unknown };
  if (kind !== undefined && kind !== 'DeleteOptions') {
    const [unknown, version] = [String(kind), String(apiVersion ?? '')].map(goQuote);
    throw badRequest(`no kind ${unknown} is registered for version ${version} in scheme "pkg/runtime/scheme.go:111"`);
  }
  for (const [field, value] of Object.entries(object)) checkMember(field, value, optionTypes);
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun } = object;
  return {
    dryRun: dryRun ?? [],
    gracePeriodSeconds: gracePeriodSeconds ?? undefined,
    propagationPolicy: propagationPolicy ?? undefined,
    orphanDependents: orphanDependents ?? undefined,
    preconditions: preconditions ?? undefined,
  };
}

type Members = Readonly<Record<string, { readonly is: string; readonly go: string; readonly of?: Members }>>;

const optionTypes: Members = {
  gracePeriodSeconds: { is: 'integer', go: 'int64' },
  propagationPolicy: { is: 'string', go: 'v1.DeletionPropagation' },
  orphanDependents: { is: 'bool', go: 'bool' },
  ignoreStoreReadErrorWithClusterBreakingPotential: { is: 'bool', go: 'bool' },
  dryRun: { is: 'array', go: '[]string' },
  preconditions: {
    is: 'object',
    go: 'v1.Preconditions',
    of: { uid: { is: 'string', go: 'types.UID' }, resourceVersion: { is: 'string', go: 'string' } },
  },
};

function checkMember(field: string, value: unknown, types: Members, owner = 'DeleteOptions', path = field): void {
  const type = Object.hasOwn(types, field) ? types[field] : undefined;
  if (!type || value === null || value === undefined) return;
  const found = goTypeName(value as JsonValue);
  const isRight =
    found === type.is || (type.is === 'integer' && (Number.isInteger(value) || typeof value === 'bigint'));
  if (!isRight) throw mismatch(type.is === 'integer' && found === 'number' ? `number ${value}` : found, type.go);
  if (Array.isArray(value)) {
    const wrong = value.find((one) => one !== null && typeof one !== 'string');
    if (wrong !== undefined) throw mismatch(goTypeName(wrong), 'string');
  }
  for (const [name, member] of Object.entries(type.of ?? {}).length > 0 ? Object.entries(value) : []) {
    checkMember(name, member, type.of ?? {}, 'Preconditions', `${path}.${name}`);
  }
  function mismatch(what: string, into: string) {
    return badRequest(`json: cannot unmarshal ${what} into Go struct field ${owner}.${path} of type ${into}`);
  }
}

/** The server does not say of options, as it does of objects, what they should have been. */
async function readBody(scope: RequestScope): Promise<MutableObject> {
  try {
    const expected = { kind: 'DeleteOptions', apiVersion: 'v1' };
    return (await decodeBody(scope.body, negotiateBody(scope.contentType), expected)).object;
  } catch (error) {
    const said =
      error instanceof StatusError
        ? /^(?:the object provided is unrecognized \(.*?\): (.*) \(.*\)|.* cannot be handled as a \w+: (.*))$/s
        : undefined;
    const found = said?.exec((error as Error).message);
    const why = found?.[1] ?? found?.[2];
    throw why === undefined ? error : badRequest(why);
  }
}

function fromQuery(query: URLSearchParams): Given {
  const [uid, resourceVersion] = [query.get('uid'), query.get('resourceVersion')];
  return {
    preconditions:
      uid || resourceVersion ? { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) } : undefined,
    dryRun: query.getAll('dryRun'),
    gracePeriodSeconds: queryInteger(query, 'gracePeriodSeconds'),
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    orphanDependents: queryBoolean(query, 'orphanDependents'),
  };
}
