import { isBuiltin } from 'node:module';
import { relative, sep } from 'node:path';
import type { Plugin } from 'rolldown';
import { inOwnPlace, packageOf } from './own-source.ts';
import type { BundledPackage, Packages } from './packages.ts';
import { Unbundleable } from './unbundleable.ts';

/** Takes along what the program may import when it runs, and leaves outside what has to stay there. */
export function resolving<P extends BundledPackage<P>>(of: {
  readonly packages: Packages<P>;
  readonly program: string;
  readonly target: string;
}): {
  readonly plugin: Plugin;
  /** The files that were read. */
  readonly reached: ReadonlySet<string>;
  /** The packages outside that are imported. */
  readonly found: ReadonlyMap<string, { readonly folder: string; readonly why: string }>;
  /** Why the work was broken off: the bundler tells errors in its own words. */
  readonly failure: { readonly reason?: unknown };
} {
  const { packages, program, target } = of;
  const found = new Map<string, { readonly folder: string; readonly why: string }>();
  const reached = new Set<string>();
  const failure: { reason?: unknown } = {};
  const refuse = (reason: Unbundleable): never => {
    failure.reason ??= reason;
    throw reason;
  };
  const nameOf = (file: string) => relative(packages.root.folder, file).split(sep).join('/');
  const plugin: Plugin = {
    name: 'setpoint',
    async resolveId(specifier, importer, { kind }) {
      const name = packageOf(specifier);
      if (importer === undefined || name === undefined)
        return isBuiltin(specifier) ? { id: specifier, external: true } : null;
      const resolved = await this.resolve(specifier, importer, { skipSelf: true });
      const owner = resolved && !resolved.external ? packages.ownerOf(resolved.id) : undefined;
      if (resolved === null || owner === undefined) {
        if (kind === 'import-statement' && packages.ownerOf(importer) === packages.root) {
          refuse(new Unbundleable(`${nameOf(importer)} imports ${name}, which is not found among the dependencies`));
        }
        return { id: specifier, external: true };
      }
      const why = packages.whyOutside(owner);
      if (why === undefined) return resolved;
      const { folder } = found.get(name) ?? owner;
      if (folder !== owner.folder) {
        refuse(new Unbundleable(`${name} is needed in two versions, and ${why}`));
      }
      found.set(name, { folder, why });
      return { id: specifier, external: true };
    },
    transform(code, id) {
      reached.add(id);
      const owner = packages.ownerOf(id);
      if (owner === undefined) return null;
      packages.read(owner, code);
      if (owner !== packages.root) return null;
      const fromBundle = relative(target, id).split(sep).join('/');
      try {
        const changed = inOwnPlace({ name: nameOf(id), code, fromBundle, isProgram: id === program });
        return changed === code ? null : { code: changed, map: null };
      } catch (error) {
        failure.reason ??= error;
        throw error;
      }
    },
  };
  return { plugin, reached, found, failure };
}
