export { choosesNode, untoleratedTaint } from './fit.ts';
