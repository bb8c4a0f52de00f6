import { FlagError } from './parse.ts';

/** They may be asked for; what is served stays what it is, for it is all that there is. */
const wholes: ReadonlySet<string> = new Set(['api/all', 'api/ga', 'api/beta', 'api/alpha']);

/** Versions that are served, which may be asked for; `v1` is core. */
const served: ReadonlySet<string> = new Set([
  'v1',
  'admissionregistration.k8s.io/v1',
  'apiextensions.k8s.io/v1',
  'apps/v1',
  'authentication.k8s.io/v1',
  'authorization.k8s.io/v1',
  'autoscaling/v2',
  'batch/v1',
  'coordination.k8s.io/v1',
  'discovery.k8s.io/v1',
  'events.k8s.io/v1',
  'networking.k8s.io/v1',
  'policy/v1',
  'rbac.authorization.k8s.io/v1',
  'storage.k8s.io/v1',
]);

/**
 * Judges `group/version[/resource]=true|false`, one a member; a name alone is true. Nothing that is served can be
 * switched off, and of alpha and beta versions there are none.
 *
 * @throws FlagError naming what cannot be had
 */
export function checkRuntimeConfig(members: readonly string[]): void {
  for (const member of members) {
    const [, name = '', value = 'true'] = /^([^=]+)(?:=(.*))?$/.exec(member) ?? [];
    if (!/^(true|false|)$/.test(value))
      throw new FlagError(`--runtime-config: invalid value of ${name}=${value}, it is true or false`);
    const on = value !== 'false';
    const isServed = served.has(
      name
        .split('/')
        .slice(0, /^v\d/.test(name) ? 1 : 2)
        .join('/'),
    );
    if (wholes.has(name) ? on || name === 'api/beta' || name === 'api/alpha' : on === isServed) continue;
    throw new FlagError(`--runtime-config: ${member} is not available in the embedded control plane`);
  }
}
