export { createOpenApi, type OpenApi, type OpenApiOptions } from './openapi.ts';
