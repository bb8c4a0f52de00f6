import type { MutableObject } from '../../registry/index.ts';
import type { Controller } from '../host/index.ts';
import { Binding } from './binding.ts';

/**
 * Binds claims to volumes: to one that is there and fits, to the one that is meant, or to one that the provisioner of the
 * class is asked for. Volumes whose claim is gone are released.
 */
export const volumeBinder: Controller = {
  name: 'persistentvolume-binder-controller',
  serviceAccount: 'persistent-volume-binder',
  component: 'persistentvolume-controller',
  start(context) {
    const binding = new Binding(context);
    const { claims, volumes, classes } = binding;
    // One at a time: two claims must not choose the same volume.
    const toBind = context.queue((key) => binding.syncClaim(key), { workers: 1 });
    const toFollow = context.queue((name) => binding.syncVolume(name, (claim) => toBind.add(claim)), { workers: 1 });
    const waiting = () => {
      for (const { key, object } of context.collection(claims).present().entries('')) {
        if (!(object as MutableObject).spec.volumeName) toBind.add(key);
      }
    };
    context.watch(claims, ({ key, entry: { object } }) => {
      const { volumeName } = (object as MutableObject).spec;
      toBind.add(key);
      if (volumeName) toFollow.add(volumeName);
      for (const volume of context.collection(volumes).present().entries('')) {
        const { claimRef } = (volume.object as MutableObject).spec;
        if (claimRef && `${claimRef.namespace}/${claimRef.name}` === key) toFollow.add(volume.key);
      }
    });
    context.watch(volumes, ({ type, key, entry: { object }, previous }) => {
      const { claimRef } = (object as MutableObject).spec;
      if (type !== 'delete') toFollow.add(key);
      if (claimRef) toBind.add(`${claimRef.namespace}/${claimRef.name}`);
      const phase = (object as MutableObject).status?.phase;
      if (phase === 'Available' && (previous?.object as MutableObject | undefined)?.status?.phase !== phase) waiting();
    });
    context.watch(classes, ({ type }) => {
      if (type !== 'delete') waiting();
    });
  },
};
