export { escapeFieldValue, type FieldRequirement, type FieldSelector, parseFieldSelector } from './field-selector.ts';
export {
  everything,
  labelSelectorOf,
  nothing,
  parseLabelSelector,
  type Selector,
  selectorOfLabels,
} from './label-selector.ts';
export type { LabelOperator, LabelRequirement, Labels } from './requirement.ts';
export { SelectorError } from './selector-error.ts';
