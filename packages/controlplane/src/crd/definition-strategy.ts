import { deepEqual } from '@setpoint/apimachinery/patch';
import type { MutableObject, ServedResource, Strategy } from '../registry/index.ts';
import { cleanupFinalizer, type Definition, timestamp, withCondition } from './definition.ts';
import { decodeDefinition, servedDefinitions } from './definition-base.ts';
import { defaultDefinition } from './definition-defaults.ts';
import {
  validateDefinition,
  validateDefinitionStatusUpdate,
  validateDefinitionUpdate,
} from './definition-validation.ts';
import { unrecognizedFormats } from './definition-warnings.ts';
import { rulesReady } from './rules.ts';

/** The resource `customresourcedefinitions`; `definitionChanged` hears of every commit in the turn of it. */
export function definitionResource(definitionChanged: (name: string) => void): ServedResource {
  const strategy: Strategy = {
    decode: decodeDefinition,
    applyDefaults: defaultDefinition,
    prepareForCreate(object) {
      object.status = { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: [] };
      addStoredVersion(object);
    },
    prepareForUpdate(object, old) {
      object.status = (old as Definition).status;
      addStoredVersion(object);
    },
    prepareForStatusUpdate(object, old) {
      object.spec = (old as Definition).spec;
    },
    ready: (object) =>
      rulesReady(((object as Definition).spec?.versions ?? []).map((version) => version.schema?.openAPIV3Schema)),
    validate: (object) => validateDefinition(object as Definition),
    validateUpdate: (object, old) => validateDefinitionUpdate(object as Definition, old as Definition),
    validateStatusUpdate: (object) => validateDefinitionStatusUpdate(object as Definition),
    warnings: (object, old) => unrecognizedFormats(object as Definition, old as Definition | undefined),
    generationChanged: (object, old) => !deepEqual((object as Definition).spec, (old as Definition).spec),
    allowUnconditionalUpdate: false,
    allowCreateOnUpdate: false,
    deleteReturnsObject: true,
    prepareForDelete: markTerminating,
    afterCommit: (change) => definitionChanged(change.object.metadata.name ?? ''),
  };
  return servedDefinitions(strategy);
}

/** The first deletion marks the definition at once, whatever its finalizers: its instances have to go first. */
function markTerminating(object: MutableObject, now: number): boolean {
  if (object.metadata.deletionTimestamp !== undefined) return false;
  const finalizers = object.metadata.finalizers ?? [];
  (object as { metadata: object }).metadata = {
    ...object.metadata,
    deletionTimestamp: timestamp(now),
    finalizers: finalizers.includes(cleanupFinalizer) ? finalizers : [...finalizers, cleanupFinalizer],
  };
  const message = 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon';
  const terminating = { type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending', message } as const;
  object.status = withCondition(object as unknown as Definition, terminating, now).status;
  return true;
}

function addStoredVersion(object: MutableObject): void {
  const definition = object as unknown as Definition;
  const storage = definition.spec?.versions?.find((version) => version.storage);
  const stored = definition.status?.storedVersions ?? [];
  if (storage === undefined || stored.includes(storage.name)) return;
  object.status = { ...definition.status, storedVersions: [...stored, storage.name] };
}
