export { endpointsController } from './endpoints.ts';
export { endpointSliceController } from './slices.ts';
