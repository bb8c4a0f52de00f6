import { goQuote } from '@setpoint/apimachinery/errors';
import { dns1123Subdomain } from '@setpoint/apimachinery/names';
import {
  type Attributes,
  type Authorizer,
  attributesOf,
  forbiddenRequest,
  type RequestAttributes,
} from '../authorization/index.ts';
import type { ApiRequest, UserInfo } from '../http/index.ts';
import { badRequest, type StatusError } from '../status/index.ts';
import { nodeNameKey, parseServiceAccountUser, serviceAccountGroups } from './service-account.ts';

const extraPrefix = 'impersonate-extra-';

/** Who a caller wants to be. */
interface WantedUser {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Whether a request asks to be somebody else's, rightly or not. */
export function impersonates(headers: ApiRequest['headers']): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true;
  return false;
}

/** Lets callers be somebody else for one request, where they may (KEP-5284 and what was there before it). */
export class Impersonation {
  readonly #authorizer: Authorizer;
  /** By name of caller, the way that was open last: it is tried first. */
  readonly #lastMode = new Map<string, Mode>();

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  /**
   * Who the request is to be taken to come from.
   *
   * @throws StatusError 400 without the name of a user, 403 where it is not allowed
   */
  userOf(caller: UserInfo, headers: ApiRequest['headers'], asked: RequestAttributes): UserInfo {
    const wanted = wantedUser(headers);
    if (!wanted) return caller;
    const attributes: Attributes = { ...asked, user: caller };
    const last = this.#lastMode.get(caller.name);
    const modes = last ? [last, ...allModes.filter((mode) => mode !== last)] : allModes;
    let refusal: StatusError | undefined;
    for (const mode of modes) {
      if (!mode.fits(wanted, caller)) continue;
      const refused = this.#check(mode, wanted, attributes);
      if (!refused) {
        this.#lastMode.set(caller.name, mode);
        return impersonatedUser(mode, wanted);
      }
      refusal ??= refused;
    }
    throw refusal as StatusError;
  }

  #check(mode: Mode, wanted: WantedUser, attributes: Attributes): StatusError | undefined {
    const { authorizer, caller } = { authorizer: this.#authorizer, caller: requesterOf(mode, attributes.user) };
    if (mode.verb !== legacyVerb) {
      const verb = `impersonate-on:${mode.verb.slice('impersonate:'.length)}:${attributes.verb}`;
      const refused = refusalOf(authorizer, { ...attributes, user: caller, verb });
      if (refused) return refused;
    }
    for (const question of questions(mode, wanted, caller)) {
      const refused = typeof question === 'function' ? question() : refusalOf(authorizer, question);
      if (refused) return refused;
    }
    return undefined;
  }
}

const legacyVerb = 'impersonate';

interface Mode {
  readonly verb: string;
  fits(wanted: WantedUser, caller: UserInfo): boolean;
}

/** In the order in which they are tried. */
const allModes: readonly Mode[] = [
  {
    verb: 'impersonate:associated-node',
    fits: (wanted, caller) => {
      const node = nodeOfUser(wanted.name);
      const own = caller.extra?.[nodeNameKey];
      const isAccount = parseServiceAccountUser(caller.name) !== undefined;
      return isNameOnly(wanted) && node !== undefined && isAccount && own?.length === 1 && own[0] === node;
    },
  },
  {
    verb: 'impersonate:arbitrary-node',
    fits: (wanted) => isNameOnly(wanted) && nodeOfUser(wanted.name) !== undefined,
  },
  {
    verb: 'impersonate:serviceaccount',
    fits: (wanted) => isNameOnly(wanted) && parseServiceAccountUser(wanted.name) !== undefined,
  },
  {
    verb: 'impersonate:user-info',
    fits: ({ name }) => nodeOfUser(name) === undefined && parseServiceAccountUser(name) === undefined,
  },
  { verb: legacyVerb, fits: () => true },
];

function isNameOnly({ uid, groups, extra }: WantedUser): boolean {
  return uid === '' && groups.length === 0 && Object.keys(extra).length === 0;
}

function nodeOfUser(name: string): string | undefined {
  const prefix = 'system:node:';
  if (!name.startsWith(prefix)) return undefined;
  const node = name.slice(prefix.length);
  return dns1123Subdomain(node).length === 0 ? node : undefined;
}

/** For the node that it runs on, an account is asked about without what differs from Pod to Pod. */
function requesterOf(mode: Mode, caller: UserInfo): UserInfo {
  if (mode.verb !== 'impersonate:associated-node') return caller;
  const keys = Object.keys(caller.extra ?? {}).sort();
  return { ...caller, extra: { 'authentication.kubernetes.io/associated-node-keys': keys } };
}

function refusalOf(authorizer: Authorizer, attributes: Attributes): StatusError | undefined {
  const { allowed, reason } = authorizer.authorize(attributes);
  return allowed ? undefined : forbiddenRequest(attributes, reason);
}

type Question = Attributes | (() => StatusError | undefined);

/** Everything that must be allowed, in the order in which it is asked. */
function* questions(mode: Mode, wanted: WantedUser, user: UserInfo): Generator<Question> {
  const constrained = mode.verb !== legacyVerb;
  const group = constrained ? 'authentication.k8s.io' : '';
  const about = (resource: string, name: string, more: Partial<Attributes> = {}) =>
    attributesOf({ user, verb: mode.verb, group, version: 'v1', resource, name, ...more });
  const account = parseServiceAccountUser(wanted.name);
  const node = constrained ? nodeOfUser(wanted.name) : undefined;
  if (account) yield about('serviceaccounts', account.name, { namespace: account.namespace });
  else if (node !== undefined) {
    yield about('nodes', mode.verb === 'impersonate:associated-node' ? '*' : node);
  } else yield about('users', wanted.name);
  if (wanted.uid !== '') yield about('uids', wanted.uid, { group: 'authentication.k8s.io' });
  if (constrained) yield () => refusedGroups(wanted, (name) => about('groups', name));
  for (const name of wanted.groups) yield about('groups', name);
  const extras = (subresource: string, name: string) =>
    about('userextras', name, { group: 'authentication.k8s.io', subresource });
  if (constrained) yield () => refusedExtra(wanted, extras('', ''));
  for (const [key, values] of Object.entries(wanted.extra)) for (const value of values) yield extras(key, value);
}

function refusedGroups({ groups }: WantedUser, about: (name: string) => Attributes): StatusError | undefined {
  if (groups.includes('')) return forbiddenRequest(about(''), 'impersonating the empty string group is not allowed');
  const masters = 'system:masters';
  if (!groups.includes(masters)) return undefined;
  return forbiddenRequest(about(masters), 'impersonating the system:masters group is not allowed');
}

function refusedExtra({ extra }: WantedUser, about: Attributes): StatusError | undefined {
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return forbiddenRequest(about, 'impersonating the empty string key in extra is not allowed');
    if (!key.includes('/')) {
      const why = `extra.key: Invalid value: ${goQuote(key)}: must be a domain-prefixed path (such as "acme.io/foo")`;
      return forbiddenRequest(about, `impersonating an invalid key in extra is not allowed: ${why}`);
    }
    if (values.includes('')) {
      return forbiddenRequest(about, 'impersonating the empty string value in extra is not allowed');
    }
  }
  return undefined;
}

function impersonatedUser(mode: Mode, wanted: WantedUser): UserInfo {
  const { name, uid, extra } = wanted;
  let groups = wanted.groups;
  const account = parseServiceAccountUser(name);
  if (account && groups.length === 0) groups = serviceAccountGroups(account.namespace);
  if (mode.verb !== legacyVerb && nodeOfUser(name) !== undefined) groups = ['system:nodes'];
  const ensure = (group: string) => (groups.includes(group) ? groups : [...groups, group]);
  if (name === 'system:anonymous') groups = ensure('system:unauthenticated');
  else if (!groups.includes('system:unauthenticated')) groups = ensure('system:authenticated');
  return {
    name,
    ...(uid === '' ? {} : { uid }),
    groups,
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

/** @throws StatusError 400 for parts of a user without a name */
function wantedUser(headers: ApiRequest['headers']): WantedUser | undefined {
  const name = headers['impersonate-user'] ?? '';
  const uid = headers['impersonate-uid'] ?? '';
  // The transport has joined what was sent as several headers.
  const listed = (value: string) => value.split(',').map((one) => one.trim());
  const groupHeader = headers['impersonate-group'];
  const groups = groupHeader === undefined ? [] : listed(groupHeader);
  const extra: Record<string, readonly string[]> = {};
  for (const header of Object.keys(headers).sort()) {
    const value = headers[header];
    if (!header.startsWith(extraPrefix) || value === undefined) continue;
    extra[unescaped(header.slice(extraPrefix.length))] = listed(value);
  }
  if (name !== '') return { name, uid, groups, extra };
  if (uid === '' && groups.length === 0 && Object.keys(extra).length === 0) return undefined;
  throw badRequest(`requested ${goUser(uid, groups, extra)} without impersonating a user name`);
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** As Go shows the struct. */
function goUser(uid: string, groups: readonly string[], extra: WantedUser['extra']): string {
  const strings = (list: readonly string[]) => `[]string{${list.map(goQuote).join(', ')}}`;
  const entries = Object.entries(extra).map(([key, values]) => `${goQuote(key)}:${strings(values)}`);
  const groupsText = groups.length === 0 ? '[]string(nil)' : strings(groups);
  const extraText = entries.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${entries.join(', ')}}`;
  return `&user.DefaultInfo{Name:"", UID:${goQuote(uid)}, Groups:${groupsText}, Extra:${extraText}}`;
}
