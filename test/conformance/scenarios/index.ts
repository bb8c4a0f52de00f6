import type { Scenario } from '../scenario.ts';
import { apply } from './apply.ts';
import { applyParts } from './apply-parts.ts';
import { authentication, impersonation } from './authentication.ts';
import { authorization } from './authorization.ts';
import { autoscaling } from './autoscaling.ts';
import { builtin } from './builtin.ts';
import { chunks } from './chunks.ts';
import { clusterKinds } from './cluster.ts';
import { conversion } from './conversion.ts';
import { conversionVerbs } from './conversion-verbs.ts';
import { convertedAdmission } from './converted-admission.ts';
import { create } from './create.ts';
import { custom } from './custom.ts';
import { customValues } from './custom-values.ts';
import { deletedDefinitions } from './definition-deletion.ts';
import { definitions } from './definitions.ts';
import { deletion } from './delete.ts';
import { discovery } from './discovery.ts';
import { errors } from './errors.ts';
import { fidelity } from './fidelity.ts';
import { lifecycle } from './lifecycle.ts';
import { limits } from './limits.ts';
import { list } from './list.ts';
import { liveDefinitions } from './live-definitions.ts';
import { mutatingPolicies } from './mutating-policies.ts';
import { openApi } from './openapi.ts';
import { ownership } from './ownership.ts';
import { patch } from './patch.ts';
import { podActions } from './pod-actions.ts';
import { podSecurity } from './pod-security.ts';
import { admissionPolicies } from './policies.ts';
import { privilegedContainers } from './privileged.ts';
import { protobuf } from './protobuf.ts';
import { quotas } from './quotas.ts';
import { refusedBodies } from './refused-bodies.ts';
import { requests } from './requests.ts';
import { reviewScenarios } from './reviews.ts';
import { roleScenarios } from './roles.ts';
import { ruleDefinitions } from './rule-definitions.ts';
import { ruleScenarios } from './rules.ts';
import { selectableFields } from './selectable-fields.ts';
import { serviceAllocation } from './services.ts';
import { storage } from './storage.ts';
import { strategic } from './strategic.ts';
import { tables } from './table.ts';
import { update } from './update.ts';
import { validation } from './validation.ts';
import { versionScenarios } from './versions.ts';
import { watch } from './watch.ts';
import { webhooks } from './webhooks.ts';
import { workloads } from './workloads.ts';
import { writes } from './writes.ts';
import { wrongJobs } from './wrong-jobs.ts';
import { wrongLimits } from './wrong-limits.ts';
import { wrongNetworks } from './wrong-networks.ts';
import { wrongPods } from './wrong-pods.ts';
import { wrongPolicies } from './wrong-policies.ts';
import { wrongWorkloads } from './wrong-workloads.ts';

export const scenarios: readonly Scenario[] = [
  ...errors,
  ...create,
  ...update,
  ...patch,
  ...strategic,
  ...apply,
  ...applyParts,
  ...ownership,
  ...deletion,
  ...list,
  ...watch,
  ...tables,
  ...discovery,
  ...openApi,
  ...definitions,
  ...ruleDefinitions,
  ...ruleScenarios,
  ...conversion,
  ...conversionVerbs,
  ...versionScenarios,
  ...convertedAdmission,
  ...validation,
  ...builtin,
  ...chunks,
  ...clusterKinds,
  ...autoscaling,
  ...custom,
  ...fidelity,
  ...lifecycle,
  ...liveDefinitions,
  ...deletedDefinitions,
  ...selectableFields,
  ...customValues,
  ...protobuf,
  ...refusedBodies,
  ...requests,
  ...workloads,
  ...podActions,
  ...serviceAllocation,
  ...writes,
  ...wrongPods,
  ...privilegedContainers,
  ...wrongJobs,
  ...wrongNetworks,
  ...wrongLimits,
  ...wrongPolicies,
  ...wrongWorkloads,
  ...webhooks,
  ...admissionPolicies,
  ...mutatingPolicies,
  ...limits,
  ...storage,
  ...quotas,
  ...podSecurity,
  ...authentication,
  ...impersonation,
  ...authorization,
  ...roleScenarios,
  ...reviewScenarios,
];
