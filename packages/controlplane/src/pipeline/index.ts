export { createPipeline, type DocumentHandler, type PipelineOptions } from './handler.ts';
export { parseResourcePath, type ResourcePath, splitUrl } from './request-info.ts';
