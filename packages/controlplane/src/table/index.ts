export { checkConversion, partialObjectMetadata, partialObjectMetadataList } from './partial-metadata.ts';
export { scaleTable } from './scale.ts';
export { type IncludeObject, parseIncludeObject, type Table, type TableOptions, tableOf } from './table.ts';
