export { type FieldEntry, FieldSet } from './field-set.ts';
export { FieldsV1Error } from './fields-v1.ts';
export { anyElement, excludeFilter, type FieldFilter, includeFilter, type PathMatcher, pathMatcher } from './filter.ts';
export {
  compareElements,
  elementText,
  type FieldPath,
  type ItemElement,
  indexElement,
  invalidElement,
  type KeyField,
  keyElement,
  type PathElement,
  pathText,
  valueElement,
} from './path-element.ts';
