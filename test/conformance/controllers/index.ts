import type { Scenario } from '../scenario.ts';
import { garbage } from './garbage.ts';
import { namespaces } from './namespaces.ts';
import { roles } from './roles.ts';
import { services } from './services.ts';
import { volumeScenarios } from './volumes.ts';

export const controllerScenarios: readonly Scenario[] = [
  ...garbage,
  ...namespaces,
  ...roles,
  ...services,
  ...volumeScenarios,
];
