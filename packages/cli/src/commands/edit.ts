import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveSettings } from 'setpoint/deployment';
import { Failure, sentenceOf, UsageError } from '../failure.ts';
import type { Output } from '../output.ts';
import { findProject } from '../project.ts';
import {
  type Change,
  edited,
  make,
  parseSource,
  quotedText,
  type Settings,
  spdx,
  withDeployment,
  withJsonSettings,
} from '../scaffold/index.ts';
import { checkedDomain } from './init.ts';

export interface EditFlags {
  readonly project: string;
  readonly domain?: string;
  readonly license?: 'apache2' | 'none';
  readonly owner?: string;
  readonly namespace?: string;
  /** Names separated by commas. */
  readonly watchNamespaces?: string;
  readonly allNamespaces?: boolean;
  readonly namespaced?: boolean;
  readonly image?: string;
  readonly replicas?: string;
  readonly serviceMonitor?: boolean;
  readonly networkPolicy?: boolean;
  readonly multigroup?: boolean;
}

const configFile = 'setpoint.config.ts';

/** Changes settings of the project: those of package.json, and those of its deployment. */
export async function edit(flags: EditFlags, output: Output): Promise<void> {
  const { folder } = findProject(flags.project);
  const manifest = readFileSync(join(folder, 'package.json'), 'utf8');
  const { name, version } = JSON.parse(manifest) as { readonly name?: string; readonly version?: string };
  const deployment = deploymentSettings(flags, name ?? 'operator', version ?? '0.0.0');
  const project = projectSettingsOf(flags, name ?? 'operator');
  if (Object.keys(deployment).length + Object.keys(project).length === 0) {
    if (!flags.multigroup) throw new UsageError('say what to change: setpoint edit --help lists the settings');
  }
  if (flags.multigroup) output.out('kinds of several groups live side by side in src/api: there is nothing to set\n');
  const config = Object.keys(deployment).length > 0 ? await configChange(folder, deployment) : undefined;
  const changes: Change[] = [];
  if (Object.keys(project).length > 0) {
    changes.push(edited('package.json', manifest, await withProject(manifest, project)));
  }
  if (config?.change) changes.push(config.change);
  make(folder, changes, output);
  output.out(config?.advice ?? '');
  if (Object.keys(deployment).length > 0) output.out('setpoint manifests brings config/ and dist/ up to date\n');
  if (project.domain !== undefined)
    output.out('kinds that are there keep their groups; new ones end with the domain\n');
}

function projectSettingsOf({ domain, license, owner }: EditFlags, name: string): Settings {
  if (owner !== undefined && /\p{Cc}/u.test(owner)) throw new UsageError('--owner is a name, on one line');
  return {
    ...(domain === undefined ? {} : { domain: checkedDomain(domain) }),
    ...(license === undefined ? {} : { license }),
    ...(owner !== undefined ? { owner } : license === 'apache2' ? { owner: `The ${name} authors` } : {}),
  };
}

/** What package.json says for Setpoint, and its licence where that is chosen. */
async function withProject(manifest: string, settings: Settings): Promise<string> {
  const { license } = settings;
  const after = await withJsonSettings('package.json', manifest, 'setpoint', settings);
  if (license !== 'apache2') return after;
  const own = /^(\s*"license"\s*:\s*)"[^"]*"/m;
  const top = after.slice(0, after.indexOf('"setpoint"'));
  return own.test(top) ? after.replace(own, `$1"${spdx.apache2}"`) : after;
}

/** @throws UsageError for values that no cluster takes */
function deploymentSettings(flags: EditFlags, name: string, version: string): Settings {
  const { namespace, watchNamespaces, image, replicas, serviceMonitor, networkPolicy } = flags;
  const ways = [watchNamespaces !== undefined, flags.allNamespaces, flags.namespaced].filter(Boolean);
  if (ways.length > 1) throw new UsageError('--watch-namespaces, --namespaced and --all-namespaces exclude each other');
  const watched = flags.namespaced
    ? [namespace ?? `${name}-system`]
    : flags.allNamespaces
      ? []
      : watchNamespaces?.split(',').map((each) => each.trim());
  const wrong = watched?.find((each) => !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(each));
  if (wrong !== undefined)
    throw new UsageError(`--watch-namespaces: ${JSON.stringify(wrong)} is no name of a namespace`);
  if (replicas !== undefined && !/^\d{1,4}$/.test(replicas)) {
    throw new UsageError(`--replicas is a whole number, not ${JSON.stringify(replicas)}`);
  }
  const settings = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(image === undefined ? {} : { image }),
    ...(replicas === undefined ? {} : { replicas: Number(replicas) }),
    ...(watched === undefined ? {} : { watchNamespaces: watched }),
    ...(serviceMonitor === undefined ? {} : { serviceMonitor }),
    ...(networkPolicy === undefined ? {} : { networkPolicy }),
  };
  try {
    resolveSettings(name, version, settings);
  } catch (error) {
    throw new UsageError(sentenceOf(error), { cause: error });
  }
  return settings;
}

async function configChange(
  folder: string,
  settings: Settings,
): Promise<{ readonly change?: Change; readonly advice?: string }> {
  const file = join(folder, configFile);
  if (!existsSync(file)) {
    if (existsSync(join(folder, 'setpoint.config.js'))) {
      throw new Failure('setpoint.config.js is for you to change: setpoint edit knows setpoint.config.ts');
    }
    const empty = await parseSource(configFile, newConfig);
    return { change: { path: configFile, text: withDeployment(empty, settings) ?? newConfig, outcome: 'written' } };
  }
  const text = readFileSync(file, 'utf8');
  const after = withDeployment(await parseSource(configFile, text), settings);
  if (after !== undefined) return { change: edited(configFile, text, after) };
  const lines = Object.entries(settings).map(([name, value]) => {
    const shown = typeof value === 'string' ? quotedText(value) : JSON.stringify(value);
    return `    ${name}: ${shown},\n`;
  });
  return {
    advice: `${configFile} does not export its settings in a form that can be added to. Add this to it:\n\n  deployment: {\n${lines.join('')}  },\n`,
  };
}

const newConfig = `${['import', '{', 'defineConfig', '}', 'from', "'setpoint/deployment';"].join(' ')}

/** How \`setpoint manifests\` has the operator deployed. */
export default defineConfig({
  deployment: {
    // What is not said is as docs/deploying.md tells.
  },
});
`;
