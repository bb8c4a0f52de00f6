import { defineKind } from 'setpoint/kinds';
import { sentenceOf, UsageError } from '../failure.ts';
import type { ApiOptions } from './api-files.ts';

/** What a person says of a kind. */
export interface ApiRequest {
  /** The project's domain is added unless it has a dot. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural?: string | undefined;
  readonly cluster: boolean;
  readonly controller: boolean;
  /** Where the API was approved, which a group of Kubernetes must say; see KEP "API review". */
  readonly apiApproved?: string | undefined;
}

/** @throws UsageError if the API server would refuse one of the names */
export function apiOptions(request: ApiRequest, domain: string | undefined): ApiOptions {
  const { version, kind, plural, cluster, controller, apiApproved } = request;
  const group = wholeGroup(request.group, domain);
  checkVersion(version);
  checkApproval(group, apiApproved);
  const names = { group, version, kind };
  try {
    const formed = defineKind(names).plural;
    const said = plural === undefined ? formed : defineKind({ ...names, plural }).plural;
    return { ...names, plural: said, ownPlural: said !== formed, cluster, controller, apiApproved };
  } catch (error) {
    throw new UsageError(sentenceOf(error), { cause: error });
  }
}

/** The group with the domain of the project, unless it has one. */
export function wholeGroup(group: string, domain: string | undefined): string {
  return domain === undefined || group.includes('.') ? group : `${group}.${domain}`;
}

/** @throws UsageError for a version that clients would sort behind all others */
export function checkVersion(version: string): void {
  if (/^v[1-9]\d{0,3}((alpha|beta)[1-9]\d{0,3})?$/.test(version)) return;
  throw new UsageError(
    `--version: ${JSON.stringify(version)} is no version of an API; use v1, v1beta1, v2alpha3 or the like`,
  );
}

function checkApproval(group: string, approved: string | undefined): void {
  if (approved === undefined && belongsToKubernetes(group)) {
    throw new UsageError(
      `the group ${group} belongs to Kubernetes: a server takes its kinds only with an approval; use a domain of your own, or say with --api-approved where it was approved`,
    );
  }
  if (approved !== undefined && !/^(https:\/\/[^\s']+|unapproved[^\n']*)$/.test(approved)) {
    throw new UsageError(
      `--api-approved is the URL of the pull request that approved the API, or begins with "unapproved", not ${JSON.stringify(approved)}`,
    );
  }
}

/** Groups whose kinds a server takes only where their CRD has an approval of the Kubernetes project. */
export function belongsToKubernetes(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group);
}

/** The kind that a project of this name begins with: `EasyService` for `easy-service-operator`. */
export function firstKind(project: string): string {
  const words = withoutSuffix(project).split('-').filter(Boolean);
  return words.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`).join('');
}

/** The first part of its group. */
export function firstGroup(project: string): string {
  return withoutSuffix(project);
}

function withoutSuffix(project: string): string {
  return project.replace(/-(operator|controller)$/, '');
}
