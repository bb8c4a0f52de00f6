export type { RecordedWrite } from './memory-client.ts';
export { type PassReport, type RunPassOptions, runPass } from './run-pass.ts';
