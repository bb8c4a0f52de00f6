export { disruptionController } from './controller.ts';
