import { goQuote } from '@setpoint/apimachinery/errors';
import { compareBytes } from '@setpoint/apimachinery/json';
import type { Attributes } from './attributes.ts';

/** A rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

const none: readonly string[] = [];

export function ruleAllows(rule: PolicyRule, asked: Attributes): boolean {
  if (!covers(rule.verbs, asked.verb)) return false;
  if (!asked.resourceRequest) return pathMatches(rule, asked.path);
  return (
    covers(rule.apiGroups, asked.group) &&
    resourceMatches(rule.resources ?? none, asked.resource, asked.subresource) &&
    (isEmpty(rule.resourceNames) || rule.resourceNames?.includes(asked.name) === true)
  );
}

function covers(list: readonly string[] | undefined, wanted: string): boolean {
  return list !== undefined && (list.includes('*') || list.includes(wanted));
}

function isEmpty(list: readonly string[] | undefined): boolean {
  return list === undefined || list.length === 0;
}

function resourceMatches(resources: readonly string[], resource: string, subresource: string): boolean {
  if (subresource === '') return resources.includes('*') || resources.includes(resource);
  return ['*', `${resource}/${subresource}`, `*/${subresource}`].some((one) => resources.includes(one));
}

function pathMatches(rule: PolicyRule, path: string): boolean {
  return (rule.nonResourceURLs ?? none).some((url) => url === '*' || pathCovers(url, path));
}

function pathCovers(url: string, path: string): boolean {
  return url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, '')));
}

/** What of `wanted` nobody who holds `held` may do, in parts of one verb on one resource or path. */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap(partsOf).filter((part) => !held.some((rule) => ruleCovers(rule, part)));
}

function partsOf(rule: PolicyRule): PolicyRule[] {
  const parts: PolicyRule[] = [];
  const verbs = rule.verbs ?? none;
  for (const group of rule.apiGroups ?? none) {
    for (const resource of rule.resources ?? none) {
      for (const verb of verbs) {
        const part = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (isEmpty(rule.resourceNames)) parts.push(part);
        else for (const name of rule.resourceNames ?? none) parts.push({ ...part, resourceNames: [name] });
      }
    }
  }
  for (const url of rule.nonResourceURLs ?? none) {
    for (const verb of verbs) parts.push({ nonResourceURLs: [url], verbs: [verb] });
  }
  return parts;
}

/** Whether a rule allows all of a part: each of its members names at most one thing. */
function ruleCovers(rule: PolicyRule, part: PolicyRule): boolean {
  const [verb] = part.verbs ?? none;
  const [group] = part.apiGroups ?? none;
  const [resource] = part.resources ?? none;
  const [name] = part.resourceNames ?? none;
  const [url] = part.nonResourceURLs ?? none;
  return (
    (verb === undefined || covers(rule.verbs, verb)) &&
    (group === undefined || covers(rule.apiGroups, group)) &&
    (resource === undefined || resourceCovers(rule.resources ?? none, resource)) &&
    (url === undefined || (rule.nonResourceURLs ?? none).some((one) => pathCovers(one, url))) &&
    (isEmpty(rule.resourceNames) || (name !== undefined && rule.resourceNames?.includes(name) === true))
  );
}

function resourceCovers(resources: readonly string[], resource: string): boolean {
  if (resources.includes('*') || resources.includes(resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && resources.includes(`*${resource.slice(slash)}`);
}

/** What is missing, one line a resource, in the words and the order of the server's refusal. */
export function describeRules(parts: readonly PolicyRule[]): string {
  const simple = new Map<string, { rule: PolicyRule; verbs: string[] }>();
  const lines: PolicyRule[] = [];
  for (const part of parts) {
    if (!isEmpty(part.nonResourceURLs)) {
      lines.push(part);
      continue;
    }
    const key = JSON.stringify([part.apiGroups, part.resources, part.resourceNames]);
    const known = simple.get(key);
    if (known) known.verbs.push(...(part.verbs ?? none));
    else simple.set(key, { rule: part, verbs: [...(part.verbs ?? none)] });
  }
  for (const { rule, verbs } of simple.values()) lines.push({ ...rule, verbs });
  const described = new Set(lines.map(describeRule));
  return [...described].sort(compareBytes).join('\n');
}

function describeRule(rule: PolicyRule): string {
  const members: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  const parts = members.filter(([, list]) => !isEmpty(list)).map(([name, list]) => `${name}:${goList(list ?? none)}`);
  return `{${parts.join(', ')}}`;
}

/** As Go prints a list of strings with %q. */
export function goList(list: readonly string[]): string {
  return `[${list.map(goQuote).join(' ')}]`;
}
