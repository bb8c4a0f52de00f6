export { podSimulator } from './controller.ts';
export { type LogLine, Logs } from './logs.ts';
export { type ContainerScript, type PodMatch, type PodRule, PodRules } from './rules.ts';
