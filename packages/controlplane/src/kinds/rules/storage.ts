import {
  countDriverChanges,
  validateAttachment,
  validateAttachmentUpdate,
  validateCapacity,
  validateCapacityUpdate,
  validateDriver,
  validateDriverUpdate,
  validateNewStorageClass,
  validateNodeDrivers,
  validateStorageClassUpdate,
  validateVolumeAttributesClass,
  validateVolumeAttributesClassUpdate,
} from '../validation/storage-classes.ts';
import type { RuleTable } from './types.ts';

export const storageRules: RuleTable = {
  'storage.k8s.io/v1.StorageClass': {
    deleteReturnsObject: true,
    judges: ['reclaimPolicy'],
    validateCreate: validateNewStorageClass,
    validateUpdate: validateStorageClassUpdate,
  },
  'storage.k8s.io/v1.CSIDriver': {
    deleteReturnsObject: true,
    conditionalUpdateOnly: true,
    prepareForUpdate: countDriverChanges,
    validate: validateDriver,
    validateUpdate: validateDriverUpdate,
  },
  'storage.k8s.io/v1.CSINode': {
    deleteReturnsObject: true,
    conditionalUpdateOnly: true,
    validate: validateNodeDrivers,
  },
  'storage.k8s.io/v1.CSIStorageCapacity': {
    conditionalUpdateOnly: true,
    validateCreate: validateCapacity,
    validateUpdate: validateCapacityUpdate,
  },
  'storage.k8s.io/v1.VolumeAttachment': {
    deleteReturnsObject: true,
    conditionalUpdateOnly: true,
    validate: validateAttachment,
    validateUpdate: validateAttachmentUpdate,
  },
  'storage.k8s.io/v1.VolumeAttributesClass': {
    deleteReturnsObject: true,
    validate: validateVolumeAttributesClass,
    validateUpdate: validateVolumeAttributesClassUpdate,
  },
};
