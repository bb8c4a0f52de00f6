import { dns1123Label } from '@setpoint/apimachinery/names';
import {
  validateConfigMap,
  validateConfigMapUpdate,
  validateSecret,
  validateSecretUpdate,
} from '../validation/config.ts';
import { validatePodTemplate, validateReplicationController } from '../validation/controllers.ts';
import { validateEvent, validateEventUpdate, validateNamespace, validateNode } from '../validation/core.ts';
import { validateEndpoints } from '../validation/endpoints.ts';
import { validateLimitRange } from '../validation/limit-ranges.ts';
import { validateQuota, validateQuotaStatus, validateQuotaUpdate } from '../validation/quotas.ts';
import { normaliseSources, validateClaim, validateClaimUpdate, validateVolume } from '../validation/storage.ts';
import type { Loose } from '../walk.ts';
import { podRules } from './pods.ts';
import { serviceRules } from './services.ts';
import type { KindRules, RuleTable } from './types.ts';

/** What both views of an Event let a selector say of the object that it is about. */
function referenceFields(field: string, reference: Loose | undefined): Record<string, string> {
  const members = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];
  return Object.fromEntries(members.map((member) => [`${field}.${member}`, reference?.[member] ?? '']));
}

const eventRules: KindRules = {
  createOnUpdate: true,
  validate: validateEvent,
  validateUpdate: validateEventUpdate,
  selectable: (event) => ({
    ...referenceFields('involvedObject', event.involvedObject),
    reason: event.reason ?? '',
    reportingComponent: event.reportingComponent ?? '',
    source: event.source?.component || event.reportingComponent || '',
    type: event.type ?? '',
  }),
};

const newEventRules: KindRules = {
  createOnUpdate: true,
  validate: validateEvent,
  validateUpdate: validateEventUpdate,
  selectable: (event) => ({
    ...referenceFields('regarding', event.regarding),
    reason: event.reason ?? '',
    reportingController: event.reportingController ?? '',
    type: event.type ?? '',
  }),
};

const secretRules: KindRules = {
  convert(secret) {
    if (!secret.stringData) return;
    const given = Object.entries(secret.stringData as Readonly<Record<string, string>>);
    const encoded = given.map(([key, text]) => [key, Buffer.from(text).toString('base64')] as const);
    secret.data = { ...secret.data, ...Object.fromEntries(encoded) };
    delete secret.stringData;
  },
  prepareForUpdate(secret, old) {
    // An update without a type keeps it.
    if (!secret.type) secret.type = old.type;
  },
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  selectable: (secret) => ({ type: secret.type ?? '' }),
};

const namespaceRules: KindRules = {
  name: dns1123Label,
  deleteReturnsObject: true,
  prepareForCreate(namespace) {
    namespace.status = { phase: 'Active' };
    const finalizers: string[] = namespace.spec?.finalizers ?? [];
    if (!finalizers.includes('kubernetes')) namespace.spec = { finalizers: [...finalizers, 'kubernetes'] };
    // A generated name is known only now.
    const { name } = namespace.metadata;
    if (name) namespace.metadata.labels = { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': name };
  },
  prepareForUpdate(namespace, old) {
    // Only /finalize changes them.
    namespace.spec = { ...namespace.spec, finalizers: old.spec?.finalizers };
  },
  validate: validateNamespace,
  selectable: (namespace) => ({ 'status.phase': namespace.status?.phase ?? '' }),
};

export const coreRules: RuleTable = {
  'core/v1.Pod': podRules,
  'core/v1.Service': serviceRules,
  'core/v1.ConfigMap': { validate: validateConfigMap, validateUpdate: validateConfigMapUpdate },
  'core/v1.Secret': secretRules,
  'core/v1.Namespace': namespaceRules,
  'core/v1.Event': eventRules,
  'events.k8s.io/v1.Event': newEventRules,
  'core/v1.Node': {
    keepsStatus: true,
    validate: validateNode,
    judges: ['spec.taints'],
    selectable: (node) => ({ 'spec.unschedulable': String(node.spec?.unschedulable ?? false) }),
  },
  'core/v1.Endpoints': {
    createOnUpdate: true,
    validateCreate: (endpoints) => validateEndpoints(endpoints),
    validateUpdate: validateEndpoints,
  },
  'core/v1.LimitRange': { createOnUpdate: true, validate: validateLimitRange },
  'core/v1.PodTemplate': {
    generation: ['template'],
    deleteReturnsObject: true,
    validate: validatePodTemplate,
  },
  'core/v1.ResourceQuota': {
    deleteReturnsObject: true,
    validate: validateQuota,
    judges: ['spec.scopes', 'spec.scopeSelector'],
    validateUpdate: validateQuotaUpdate,
    validateStatusUpdate: validateQuotaStatus,
  },
  'core/v1.ServiceAccount': {
    deleteReturnsObject: true,
    prepareForCreate: nameSecrets,
    prepareForUpdate: nameSecrets,
  },
  'core/v1.PersistentVolume': {
    deleteReturnsObject: true,
    prepareForCreate(volume, { clock }) {
      volume.status = { phase: 'Pending', lastPhaseTransitionTime: seconds(clock.now()) };
    },
    prepareForStatusUpdate(volume, old, { clock }) {
      if (volume.status?.phase === old.status?.phase) return;
      volume.status = { ...volume.status, lastPhaseTransitionTime: seconds(clock.now()) };
    },
    validate: validateVolume,
  },
  'core/v1.PersistentVolumeClaim': {
    deleteReturnsObject: true,
    prepareForCreate(claim) {
      claim.status = { phase: 'Pending' };
      if (claim.spec) normaliseSources(claim.spec);
    },
    prepareForUpdate(claim) {
      if (claim.spec) normaliseSources(claim.spec);
    },
    validate: validateClaim,
    validateUpdate: validateClaimUpdate,
  },
  'core/v1.ReplicationController': {
    generation: ['spec'],
    prepareForCreate: (controller) => {
      controller.status = { replicas: 0 };
    },
    validate: validateReplicationController,
    selectable: (controller) => ({ 'status.replicas': String(controller.status?.replicas ?? 0) }),
  },
};

/** A reference to a secret is its name; whatever else was said of it is dropped. */
function nameSecrets(account: Loose): void {
  account.secrets = account.secrets?.map(({ name }: Loose) => ({ name }));
}

function seconds(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}
