import { Failure } from '../failure.ts';

/** The name of an image in full; what Docker's users leave out is filled in. */
export interface ImageReference {
  /** Host, and port if it is not the usual one; `docker.io` if none is named. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest?: string;
}

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const host = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::\d{1,5})?$/;

/**
 * Reads `registry/repository:tag` as Docker does: the first part is a registry if it has a dot or a port, or is
 * `localhost`.
 *
 * @throws Failure that says which part is not allowed
 */
export function parseReference(text: string): ImageReference {
  const wrong = (why: string) => new Failure(`the image name ${JSON.stringify(text)} is not valid: ${why}`);
  const [, nameAndTag = '', digest] = /^([^@]*)(?:@(.*))?$/s.exec(text) ?? [];
  if (digest !== undefined && !/^sha256:[a-f0-9]{64}$/.test(digest)) {
    throw wrong('a digest is sha256: and 64 hexadecimal digits');
  }
  const [, name = '', tag] = /^(.*?)(?::([^/:]*))?$/s.exec(nameAndTag) ?? [];
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag)) {
    throw wrong('a tag is at most 128 letters, digits, dots, dashes and underscores');
  }
  const parts = name.split('/');
  const [first = ''] = parts;
  const named = parts.length > 1 && (/[.:A-Z[]/.test(first) || first === 'localhost');
  const registry = named ? first : 'docker.io';
  const path = named ? parts.slice(1) : parts;
  if (!host.test(registry)) throw wrong(`${JSON.stringify(registry)} is not the name of a host`);
  if (path.length === 0 || !path.every((part) => component.test(part)) || path.join('/').length > 255) {
    throw wrong('a repository is lower-case letters and digits, with single dots, dashes and underscores between them');
  }
  const hub = registry === 'docker.io' || registry === 'index.docker.io';
  const repository = hub && path.length === 1 ? `library/${path[0]}` : path.join('/');
  return {
    registry: hub ? 'docker.io' : registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The full name; its tag is `latest` if it has neither tag nor digest. */
export function formatReference({ registry, repository, tag, digest }: ImageReference): string {
  const label = tag ?? (digest === undefined ? 'latest' : undefined);
  return `${registry}/${repository}${label === undefined ? '' : `:${label}`}${digest === undefined ? '' : `@${digest}`}`;
}
