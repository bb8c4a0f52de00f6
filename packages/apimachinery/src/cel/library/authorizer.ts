import { dns1123Label, dns1123Subdomain } from '../../names/index.ts';
import type { FunctionLibrary } from '../interpret/index.ts';
import { CelError, noSuchOverload, OpaqueValue, type Value } from '../values/index.ts';

/** Kubernetes' `authorizer`: what expressions ask, and the door to whoever answers. */

/** A question about a resource. Absent parts are empty. */
export interface ResourceQuestion {
  readonly kind: 'resource';
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** As the expression gave it; what cannot be parsed is the answerer's to judge. */
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

/** A question about a path that is no resource. */
export interface PathQuestion {
  readonly kind: 'path';
  readonly verb: string;
  readonly path: string;
}

export type AuthorizerQuestion = ResourceQuestion | PathQuestion;

export interface AuthorizerAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  readonly error?: string;
}

/** Answers for one user, at once. The caller gives it, as a variable made with `authorizerValue`. */
export interface Authorizer {
  authorize(question: AuthorizerQuestion): AuthorizerAnswer;
  /** The one that answers for a service account. */
  forServiceAccount(namespace: string, name: string): Authorizer;
}

abstract class AuthorizationValue extends OpaqueValue {
  readonly goType: string = 'library.receiverOnlyObjectVal';

  equalTo(other: Value): boolean | CelError {
    return noSuchOverload(other);
  }
}

class AuthorizerValue extends AuthorizationValue {
  readonly typeName = 'kubernetes.authorization.Authorizer';
  readonly authorizer: Authorizer;

  constructor(authorizer: Authorizer) {
    super();
    this.authorizer = authorizer;
  }
}

class PathCheck extends AuthorizationValue {
  readonly typeName = 'kubernetes.authorization.PathCheck';
  readonly authorizer: Authorizer;
  readonly path: string;

  constructor(authorizer: Authorizer, path: string) {
    super();
    this.authorizer = authorizer;
    this.path = path;
  }
}

class GroupCheck extends AuthorizationValue {
  readonly typeName = 'kubernetes.authorization.GroupCheck';
  readonly authorizer: Authorizer;
  readonly group: string;

  constructor(authorizer: Authorizer, group: string) {
    super();
    this.authorizer = authorizer;
    this.group = group;
  }
}

type Asked = Omit<ResourceQuestion, 'verb' | 'kind'>;

class ResourceCheck extends AuthorizationValue {
  readonly typeName = 'kubernetes.authorization.ResourceCheck';
  readonly authorizer: Authorizer;
  readonly asked: Asked;

  constructor(authorizer: Authorizer, asked: Asked) {
    super();
    this.authorizer = authorizer;
    this.asked = asked;
  }
}

class Decision extends AuthorizationValue {
  readonly typeName = 'kubernetes.authorization.Decision';
  readonly answer: AuthorizerAnswer;

  constructor(answer: AuthorizerAnswer) {
    super();
    this.answer = answer;
  }
}

const nothing: Asked = {
  group: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  fieldSelector: '',
  labelSelector: '',
};

/** The variable `authorizer`. */
export const authorizerValue = (authorizer: Authorizer): Value => new AuthorizerValue(authorizer);

/** The variable `authorizer.requestResource`: a check of what the request is about. */
export const resourceCheckValue = (authorizer: Authorizer, about: Partial<Asked>): Value =>
  new ResourceCheck(authorizer, { ...nothing, ...about });

const asks = (id: string, field: keyof Asked) => ({
  overloads: {
    [id]: {
      binary: (check: Value, text: Value) => {
        const { authorizer, asked } = check as ResourceCheck;
        return new ResourceCheck(authorizer, { ...asked, [field]: text as string });
      },
    },
  },
});

const tells = (id: string, read: (answer: AuthorizerAnswer) => Value) => ({
  overloads: { [id]: { unary: (decision: Value) => read((decision as Decision).answer) } },
});

function path(authorizer: Value, text: Value): Value {
  if ((text as string).trim() === '') return new CelError('path must not be empty');
  return new PathCheck((authorizer as AuthorizerValue).authorizer, text as string);
}

function resource(group: Value, text: Value): Value {
  if ((text as string).trim() === '') return new CelError('resource must not be empty');
  const check = group as GroupCheck;
  return new ResourceCheck(check.authorizer, { ...nothing, group: check.group, resource: text as string });
}

function serviceAccount(authorizer: Value, namespace: string, name: string): Value {
  if (dns1123Subdomain(name).length > 0) return new CelError('Invalid service account name');
  if (dns1123Label(namespace).length > 0) return new CelError('Invalid service account namespace');
  return new AuthorizerValue((authorizer as AuthorizerValue).authorizer.forServiceAccount(namespace, name));
}

function checkPath(check: Value, verb: Value): Value {
  const { authorizer, path: asked } = check as PathCheck;
  return new Decision(authorizer.authorize({ kind: 'path', verb: verb as string, path: asked }));
}

function checkResource(check: Value, verb: Value): Value {
  const { authorizer, asked } = check as ResourceCheck;
  return new Decision(authorizer.authorize({ kind: 'resource', verb: verb as string, ...asked }));
}

export const authorizerFunctions: FunctionLibrary = {
  path: { overloads: { authorizer_path: { binary: path } } },
  group: {
    overloads: {
      authorizer_group: {
        binary: (authorizer, text) => new GroupCheck((authorizer as AuthorizerValue).authorizer, text as string),
      },
    },
  },
  serviceAccount: {
    overloads: {
      authorizer_serviceaccount: {
        variadic: ([authorizer, namespace, name]) =>
          serviceAccount(authorizer as Value, namespace as string, name as string),
      },
    },
  },
  resource: { overloads: { groupcheck_resource: { binary: resource } } },
  subresource: asks('resourcecheck_subresource', 'subresource'),
  namespace: asks('resourcecheck_namespace', 'namespace'),
  name: asks('resourcecheck_name', 'name'),
  fieldSelector: asks('authorizer_fieldselector', 'fieldSelector'),
  labelSelector: asks('authorizer_labelselector', 'labelSelector'),
  check: {
    overloads: { pathcheck_check: { binary: checkPath }, resourcecheck_check: { binary: checkResource } },
  },
  errored: tells('decision_errored', (answer) => answer.error !== undefined),
  error: tells('decision_error', (answer) => answer.error ?? ''),
  allowed: tells('decision_allowed', (answer) => answer.allowed),
  reason: tells('decision_reason', (answer) => answer.reason),
};
