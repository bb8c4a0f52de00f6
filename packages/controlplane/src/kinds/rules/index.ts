import { clusterRules } from './cluster.ts';
import { coreRules } from './core.ts';
import { otherRules } from './others.ts';
import { storageRules } from './storage.ts';
import type { RuleTable } from './types.ts';
import { workloadRules } from './workloads.ts';

/** The rules of built-in kinds by type; a kind without any follows the common ones. */
export const rules: RuleTable = { ...coreRules, ...workloadRules, ...otherRules, ...clusterRules, ...storageRules };
