export {
  chosenVersion,
  type Definition,
  type DefinitionVersion,
  definitionOf,
  readDefinitions,
} from './definitions.ts';
export { isAsWritten, sourceText } from './source-text.ts';
