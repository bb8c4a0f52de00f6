export { createDiscovery, type Discovery } from './discovery.ts';
export { byGroupPriority, compareVersions } from './order.ts';
export { createServerDocuments, type ServerDocumentsOptions } from './server-documents.ts';
