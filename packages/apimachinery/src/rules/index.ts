import type { RuleEngine } from '../schema/index.ts';
import { definitionRules } from './definition.ts';
import { ruleValidator } from './validator.ts';

/** CEL rules of custom resources (`x-kubernetes-validations`, KEP-2876). It brings all of CEL along: load it lazily. */
export const ruleEngine: RuleEngine = { definition: definitionRules, validator: ruleValidator };

export { type KindType, kindType } from './types.ts';
