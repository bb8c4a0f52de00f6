/**
 * The emulated release alone, without what emulates it.
 *
 * @module @setpoint/controlplane/version
 */

/** The release of Kubernetes whose API server this one behaves as. */
export const emulatedVersion = 'v1.36.3';
