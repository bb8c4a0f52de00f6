export { definitionResource } from './definition-strategy.ts';
export type { CrdHost } from './host.ts';
export { CustomResources } from './lifecycle.ts';
