import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { type ControllerContext, subjectOf } from '../host/index.ts';
import { bestMatch, classOf, isFor, mismatch, modeOf } from './match.ts';

const bindCompleted = 'pv.kubernetes.io/bind-completed';
const boundByController = 'pv.kubernetes.io/bound-by-controller';
const provisionedBy = 'pv.kubernetes.io/provisioned-by';
const provisionerKeys = ['volume.beta.kubernetes.io/storage-provisioner', 'volume.kubernetes.io/storage-provisioner'];
const selectedNodeKey = 'volume.kubernetes.io/selected-node';
const defaultClassKey = 'storageclass.kubernetes.io/is-default-class';

type VolumePhase = 'Available' | 'Bound' | 'Released';

/** How a claim and a volume come together and part; what each step finds is as the real controller's steps leave it. */
export class Binding {
  readonly claims: ServedResource;
  readonly volumes: ServedResource;
  readonly classes: ServedResource;
  readonly #context: ControllerContext;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.claims = context.resource('', 'v1', 'persistentvolumeclaims');
    this.volumes = context.resource('', 'v1', 'persistentvolumes');
    this.classes = context.resource('storage.k8s.io', 'v1', 'storageclasses');
  }

  async syncClaim(key: string): Promise<void> {
    const claim = this.#claim(key);
    if (!claim) return;
    if (claim.metadata.annotations?.[bindCompleted] === undefined) await this.#syncUnbound(claim);
    else await this.#syncBound(claim);
  }

  /** @param again looks at a claim that has not been told of its volume */
  async syncVolume(name: string, again: (claim: string) => void): Promise<void> {
    const volume = this.#volume(name);
    if (!volume) return;
    const { claimRef } = volume.spec;
    if (!claimRef?.uid) {
      await this.#setPhase(volume, 'Available');
      return;
    }
    const key = `${claimRef.namespace}/${claimRef.name}`;
    const claim = this.#claim(key);
    if (claim?.metadata.uid !== claimRef.uid) {
      if (volume.status?.phase !== 'Failed') await this.#setPhase(volume, 'Released');
    } else if (!claim?.spec.volumeName) {
      if (modeOf(claim as MutableObject) === modeOf(volume)) again(key);
      else await this.#reportModes(volume, claim as MutableObject);
    } else if (claim.spec.volumeName === name) await this.#setPhase(volume, 'Bound');
    else if (volume.metadata.annotations?.[provisionedBy] && volume.spec.persistentVolumeReclaimPolicy === 'Delete') {
      await this.#setPhase(volume, 'Released');
    } else await this.#unbind(volume);
  }

  async #syncUnbound(claim: MutableObject): Promise<void> {
    if (claim.spec.volumeName) {
      await this.#bindToNamed(claim, this.#volume(claim.spec.volumeName));
      return;
    }
    const storageClass = this.#context.client.get(this.classes, '', classOf(claim)) as MutableObject | undefined;
    const delayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
    const volumes = [...this.#context.client.list(this.volumes)] as MutableObject[];
    const volume = bestMatch(claim, volumes, delayed);
    if (volume) await this.#bind(volume, claim);
    else if (await this.#assignDefaultClass(claim)) return;
    else if (delayed && !claim.metadata.annotations?.[selectedNodeKey]) {
      await this.#tell(claim, 'Normal', ...this.#consumersOf(claim));
      await this.#setClaimPhase(claim, 'Pending', undefined);
    } else if (classOf(claim) !== '') await this.#provision(claim, storageClass);
    else {
      const why = 'no persistent volumes available for this claim and no storage class is set';
      await this.#tell(claim, 'Normal', 'FailedBinding', why);
      await this.#setClaimPhase(claim, 'Pending', undefined);
    }
  }

  async #bindToNamed(claim: MutableObject, volume: MutableObject | undefined): Promise<void> {
    if (volume && isFor(volume, claim)) {
      await this.#bind(volume, claim);
      return;
    }
    if (volume?.spec.claimRef) {
      const why = `volume ${JSON.stringify(volume.metadata.name)} already bound to a different claim.`;
      await this.#tell(claim, 'Warning', 'FailedBinding', why);
    } else if (volume) {
      const why = mismatch(volume, claim);
      if (why === undefined) {
        await this.#bind(volume, claim);
        return;
      }
      const text = `Cannot bind to requested volume ${JSON.stringify(volume.metadata.name)}: ${why}`;
      await this.#tell(claim, 'Warning', 'VolumeMismatch', text);
    }
    await this.#setClaimPhase(claim, 'Pending', undefined);
  }

  async #syncBound(claim: MutableObject): Promise<void> {
    const { volumeName } = claim.spec;
    const volume = volumeName ? this.#volume(volumeName) : undefined;
    if (!volume) {
      const what = volumeName ? 'its PersistentVolume' : 'reference to PersistentVolume';
      await this.#lose(claim, 'ClaimLost', `Bound claim has lost ${what}. Data on the volume is lost!`);
    } else if (!volume.spec.claimRef || volume.spec.claimRef.uid === claim.metadata.uid)
      await this.#bind(volume, claim);
    else {
      const why = 'Two claims are bound to the same volume, this one is bound incorrectly';
      await this.#lose(claim, 'ClaimMisbound', why);
    }
  }

  async #lose(claim: MutableObject, reason: string, message: string): Promise<void> {
    if (claim.status?.phase === 'Lost') return;
    await this.#setClaimPhase(claim, 'Lost', undefined);
    await this.#tell(claim, 'Warning', reason, message);
  }

  /** First the volume, then its phase, then the claim, then its status: whoever looks in between finds the way on. */
  async #bind(volume: MutableObject, claim: MutableObject): Promise<void> {
    const { namespace = '', name = '', uid = '', resourceVersion = '' } = claim.metadata;
    const { claimRef } = volume.spec;
    const bound = await this.#update(this.volumes, volume, (object) => {
      const isMeant = isFor(object, claim);
      if (claimRef?.uid !== uid || !isMeant) {
        const kind = 'PersistentVolumeClaim';
        object.spec.claimRef = { kind, namespace, name, uid, apiVersion: 'v1', resourceVersion };
      }
      if (!isMeant) annotate(object, boundByController);
    });
    await this.#setPhase(bound, 'Bound');
    const updated = await this.#update(this.claims, claim, (object) => {
      const volumeName = volume.metadata.name ?? '';
      if (object.spec.volumeName !== volumeName) {
        object.spec.volumeName = volumeName;
        annotate(object, boundByController);
      }
      annotate(object, bindCompleted);
    });
    await this.#setClaimPhase(updated, 'Bound', volume);
  }

  async #unbind(volume: MutableObject): Promise<void> {
    const freed = await this.#update(this.volumes, volume, (object) => {
      const { annotations: { [boundByController]: byController, ...annotations } = {}, ...metadata } = object.metadata;
      if (byController === undefined) {
        delete object.spec.claimRef.uid;
        return;
      }
      delete object.spec.claimRef;
      const isAnnotated = Object.keys(annotations).length > 0;
      (object as { metadata: object }).metadata = { ...metadata, ...(isAnnotated ? { annotations } : {}) };
    });
    await this.#setPhase(freed, 'Available');
  }

  async #provision(claim: MutableObject, storageClass: MutableObject | undefined): Promise<void> {
    if (!storageClass) {
      const why = `storageclass.storage.k8s.io ${JSON.stringify(classOf(claim))} not found`;
      await this.#tell(claim, 'Warning', 'ProvisioningFailed', why);
      return;
    }
    const { provisioner } = storageClass;
    if (provisioner === 'kubernetes.io/no-provisioner') {
      const why = `no volume plugin matched name: ${provisioner}`;
      await this.#tell(claim, 'Warning', 'ProvisioningFailed', why);
      return;
    }
    const updated = await this.#update(this.claims, claim, (object) => {
      const annotations = Object.fromEntries(provisionerKeys.map((key) => [key, provisioner]));
      (object.metadata as { annotations?: object }).annotations = { ...object.metadata.annotations, ...annotations };
    });
    const why = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    await this.#tell(updated, 'Normal', 'ExternalProvisioning', why);
  }

  /** Claims that came before there was a default class get it as soon as there is one. */
  async #assignDefaultClass(claim: MutableObject): Promise<boolean> {
    const isSaid = claim.spec.storageClassName !== undefined || classOf(claim) !== '';
    if (isSaid) return false;
    const classes = [...this.#context.client.list(this.classes)].filter(
      ({ metadata }) => metadata.annotations?.[defaultClassKey] === 'true',
    );
    const newest = classes.sort((a, b) => created(b) - created(a))[0]?.metadata.name;
    if (newest === undefined) return false;
    await this.#update(this.claims, claim, (object) => {
      object.spec.storageClassName = newest;
    });
    return true;
  }

  /** Why a claim waits that is bound when somebody uses it. */
  #consumersOf(claim: MutableObject): [reason: string, message: string] {
    const { namespace = '', name } = claim.metadata;
    const pods = this.#context.client.list(this.#context.resource('', 'v1', 'pods'), namespace);
    const waiting = Array.from(pods as Iterable<MutableObject>).filter(
      ({ spec }) =>
        !spec.nodeName && spec.volumes?.some((one: MutableObject) => one.persistentVolumeClaim?.claimName === name),
    );
    const names = waiting.map(({ metadata }) => metadata.name);
    if (names.length === 0) {
      return ['WaitForFirstConsumer', 'waiting for first consumer to be created before binding'];
    }
    const who = names.length > 1 ? `pods ${names.join(',')}` : `pod ${names[0]}`;
    return ['WaitForPodScheduled', `waiting for ${who} to be scheduled`];
  }

  async #setPhase(volume: MutableObject, phase: VolumePhase): Promise<void> {
    if (volume.status?.phase === phase) return;
    await this.#update(
      this.volumes,
      volume,
      (object) => {
        const { message: _, ...status } = object.status ?? {};
        object.status = { ...status, phase };
      },
      'status',
    );
  }

  async #setClaimPhase(
    claim: MutableObject,
    phase: 'Pending' | 'Bound' | 'Lost',
    volume: MutableObject | undefined,
  ): Promise<void> {
    const { accessModes, capacity, ...others } = claim.status ?? {};
    const isNew = claim.status?.phase !== phase;
    const status = {
      ...others,
      phase,
      ...(volume ? { accessModes: volume.spec.accessModes, capacity: isNew ? volume.spec.capacity : capacity } : {}),
    };
    if (deepEqual(claim.status, status)) return;
    await this.#update(
      this.claims,
      claim,
      (object) => {
        object.status = status;
      },
      'status',
    );
  }

  async #reportModes(volume: MutableObject, claim: MutableObject): Promise<void> {
    const because = 'due to incompatible volumeMode.';
    const quoted = (object: MutableObject) => JSON.stringify(object.metadata.name);
    const toClaim = `Cannot bind PersistentVolume to requested PersistentVolumeClaim ${quoted(claim)} ${because}`;
    await this.#context.events.event(subjectOf(this.volumes, volume), 'Warning', 'VolumeMismatch', toClaim);
    const toVolume = `Cannot bind PersistentVolume ${quoted(volume)} to requested PersistentVolumeClaim ${because}`;
    await this.#tell(claim, 'Warning', 'VolumeMismatch', toVolume);
  }

  #tell(claim: MutableObject, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> {
    return this.#context.events.event(subjectOf(this.claims, claim), type, reason, message);
  }

  /** A conflict with somebody else's object of the same name, or its disappearance, leads to another look. */
  async #update(
    resource: ServedResource,
    { metadata: { namespace = '', name = '', uid = '' } }: MutableObject,
    change: (object: MutableObject) => void,
    part: 'object' | 'status' = 'object',
  ): Promise<MutableObject> {
    const apply = (object: MutableObject) => {
      change(object);
      return true;
    };
    return (await this.#context.client.update(resource, namespace, name, apply, { part, uid })) as MutableObject;
  }

  #claim(key: string): MutableObject | undefined {
    const [namespace = '', name = ''] = key.split('/');
    return this.#context.client.get(this.claims, namespace, name) as MutableObject | undefined;
  }

  #volume(name: string): MutableObject | undefined {
    return this.#context.client.get(this.volumes, '', name) as MutableObject | undefined;
  }
}

function annotate(object: MutableObject, key: string): void {
  if (object.metadata.annotations?.[key] !== undefined) return;
  (object.metadata as { annotations?: object }).annotations = { ...object.metadata.annotations, [key]: 'yes' };
}

function created({ metadata }: KubeObject): number {
  return Date.parse(metadata.creationTimestamp ?? '');
}
