/**
 * All objects of a deployment, as files for kustomize, as one file, and as a Helm chart; `setpoint manifests` writes
 * them. `defineConfig` is for `setpoint.config.ts`.
 *
 * @module setpoint/deployment
 */

export { chartFiles, chartValues } from './chart.ts';
export { type DeploymentFile, kustomizeFiles } from './kustomize.ts';
export { plainManifests } from './manifests.ts';
export { deploymentModel } from './model.ts';
export type { DeployedOperator } from './operator-parts.ts';
export type { Part } from './part.ts';
export { accountManifests } from './roles.ts';
export {
  type DeploymentSettings,
  defineConfig,
  type ProjectConfig,
  type ResolvedSettings,
  resolveSettings,
} from './settings.ts';
