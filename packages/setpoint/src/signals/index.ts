export { type LinkedSignal, linkedSignal } from './linked-signal.ts';
