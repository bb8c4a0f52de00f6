export { loadProjectConfig } from './config.ts';
export { deployedOperator } from './deployed-operator.ts';
export { applyChanges, compareGenerated, generatedHeader } from './generated-files.ts';
export { type PlannedDeployment, planDeployment } from './planned.ts';
export { sampleOf } from './sample.ts';
export { type WebhookProbes, webhookProbes } from './webhook-probes.ts';
