/**
 * `npm create setpoint`: what `setpoint init` does, in a package that brings all it needs and nothing else.
 *
 * @module create-setpoint
 */

export { create } from '@setpoint/cli/create';
