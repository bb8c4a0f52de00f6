/**
 * What rights requests took: audit events to accesses, accesses to the fewest rules, and those compared with what is
 * declared. Pure functions.
 *
 * @module setpoint/rights
 */

export {
  type Access,
  describeAccess,
  isPathAccess,
  isPathRule,
  type PathAccess,
  type PathRule,
  type ResourceAccess,
  type Rights,
} from './access.ts';
export { accessesOf, actorOf, type RecordedRequest, refusedAccesses } from './audit-event.ts';
export { compareRights, type RightsDifference } from './compare.ts';
export { allows, rightsOf } from './grants.ts';
export { type MinimalOptions, minimalRights, roleManifests } from './minimal.ts';
