import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DeployedOperator,
  type DeploymentSettings,
  deploymentModel,
  type Part,
  type ResolvedSettings,
  resolveSettings,
} from 'setpoint/deployment';
import type { Operator } from 'setpoint/manager';
import { Failure, sentenceOf } from '../failure.ts';
import { loadOperator, type Project } from '../project.ts';
import { loadProjectConfig } from './config.ts';
import { deployedOperator } from './deployed-operator.ts';

/** All that a project's operator is deployed by. */
export interface PlannedDeployment {
  readonly declared: Operator;
  readonly operator: DeployedOperator;
  readonly settings: ResolvedSettings;
  readonly parts: readonly Part[];
}

/**
 * What the project's declarations and its configuration come to.
 *
 * @param overrides what the command line says instead
 * @throws Failure for a setting that no cluster takes
 */
export async function planDeployment(project: Project, overrides: DeploymentSettings = {}): Promise<PlannedDeployment> {
  const { folder } = project;
  const declared = await loadOperator(project);
  const operator = deployedOperator(declared, versionOf(folder));
  const { deployment = {} } = await loadProjectConfig(folder);
  const settings = settingsOf(operator.name, operator.version, { ...deployment, ...overrides });
  return { declared, operator, settings, parts: deploymentModel(operator, settings) };
}

function settingsOf(...parameters: Parameters<typeof resolveSettings>): ResolvedSettings {
  try {
    return resolveSettings(...parameters);
  } catch (error) {
    throw new Failure(sentenceOf(error), { cause: error });
  }
}

/** A chart has to have a version. */
function versionOf(folder: string): string {
  const file = join(folder, 'package.json');
  const version = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
  return typeof version === 'string' ? version : '0.0.0';
}
