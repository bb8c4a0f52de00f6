import { pathSegmentName } from '@setpoint/apimachinery/names';
import { notImplemented } from '../../status/index.ts';
import { systemPriorityClasses } from '../priority-classes.ts';
import {
  runtimeClassWarnings,
  validateApiService,
  validateApiServiceStatus,
  validatePriorityClass,
  validatePriorityClassUpdate,
  validateRuntimeClass,
  validateRuntimeClassUpdate,
} from '../validation/classes.ts';
import { validateConditionTypes, validateFlowSchema, validatePriorityLevel } from '../validation/flow-control.ts';
import type { Loose } from '../walk.ts';
import { certificateRequestRules } from './certificates.ts';
import { restoreMember } from './pods.ts';
import type { KindRules, RuleContext, RuleTable } from './types.ts';

const flowControl: KindRules = {
  generation: ['spec'],
  prepareForStatusUpdate: keepMetadata,
  validateStatusUpdate: validateConditionTypes,
};

/** Dynamic resources: what they say is judged by rules that are not there, so none can be stored. */
const dynamic: KindRules = {
  prepareForCreate: () => {
    throw notImplemented('storing objects of resource.k8s.io');
  },
};

/** Kinds that configure the cluster itself: scheduling, nodes, certificates, flow control, aggregation. */
export const clusterRules: RuleTable = {
  'scheduling.k8s.io/v1.PriorityClass': {
    // It begins with one, and nothing raises it.
    generation: [],
    validate: validatePriorityClass,
    validateUpdate: validatePriorityClassUpdate,
    judges: ['preemptionPolicy'],
    undeletable: (name) =>
      systemPriorityClasses.some((one) => one.name === name)
        ? 'this is a system priority class and cannot be deleted'
        : undefined,
  },
  'node.k8s.io/v1.RuntimeClass': {
    createOnUpdate: true,
    conditionalUpdateOnly: true,
    validate: validateRuntimeClass,
    validateUpdate: validateRuntimeClassUpdate,
    warnings: runtimeClassWarnings,
  },
  'certificates.k8s.io/v1.CertificateSigningRequest': certificateRequestRules,
  'flowcontrol.apiserver.k8s.io/v1.FlowSchema': { ...flowControl, validate: validateFlowSchema },
  'flowcontrol.apiserver.k8s.io/v1.PriorityLevelConfiguration': { ...flowControl, validate: validatePriorityLevel },
  'apiregistration.k8s.io/v1.APIService': {
    name: pathSegmentName,
    conditionalUpdateOnly: true,
    prepareForCreate(service, context) {
      refuseExternal(service);
      service.status = { conditions: [localCondition(context)] };
    },
    prepareForUpdate: refuseExternal,
    prepareForStatusUpdate: keepMetadata,
    validate: validateApiService,
    validateStatusUpdate: validateApiServiceStatus,
  },
  'resource.k8s.io/v1.DeviceClass': dynamic,
  'resource.k8s.io/v1.ResourceClaim': dynamic,
  'resource.k8s.io/v1.ResourceClaimTemplate': dynamic,
  'resource.k8s.io/v1.ResourceSlice': dynamic,
};

/** A write of the status changes nothing of the metadata but who owns what. */
function keepMetadata(object: Loose, old: Loose): void {
  for (const member of ['labels', 'annotations', 'finalizers', 'ownerReferences']) {
    restoreMember(object.metadata, old.metadata, member);
  }
}

/** Requests are not passed on to other servers. */
function refuseExternal(service: Loose): void {
  if (service.spec?.service && validateApiService(service).length === 0) {
    throw notImplemented('an APIService of another server');
  }
}

/** What the status says of every group that this server serves itself. */
export function localCondition({ clock }: Pick<RuleContext, 'clock'>): Loose {
  return {
    type: 'Available',
    status: 'True',
    lastTransitionTime: `${new Date(clock.now()).toISOString().slice(0, 19)}Z`,
    reason: 'Local',
    message: 'Local APIServices are always available',
  };
}
