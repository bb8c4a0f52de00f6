export { deploymentLine, leaderLine } from './deployment.ts';
export { definitionLine, objectsLine, warningLines, webhookLines } from './objects.ts';
export { type Format, formats, type Line, render, type StatusReport } from './report.ts';
