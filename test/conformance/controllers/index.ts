import type { Scenario } from '../scenario.ts';
import { deployments, replicaSets } from './deployments.ts';
import { garbage } from './garbage.ts';
import { namespaces } from './namespaces.ts';
import { policyControllers } from './policies.ts';
import { quotas } from './quotas.ts';
import { roles } from './roles.ts';
import { services } from './services.ts';
import { daemonSets, disruption, jobs, statefulSets } from './sets-and-jobs.ts';
import { volumeScenarios } from './volumes.ts';

export const controllerScenarios: readonly Scenario[] = [
  ...garbage,
  ...namespaces,
  ...quotas,
  ...roles,
  ...services,
  ...volumeScenarios,
  ...deployments,
  ...replicaSets,
  ...statefulSets,
  ...daemonSets,
  ...jobs,
  ...disruption,
  ...policyControllers,
];
