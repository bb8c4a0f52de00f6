export { controller, owned, source, watch } from './controller.ts';
export {
  allOf,
  annotationsChanged,
  anyOf,
  changed,
  generationChanged,
  generationOrFinalizersChanged,
  labelsChanged,
  matching,
  not,
} from './predicates.ts';
export type * from './types.ts';
