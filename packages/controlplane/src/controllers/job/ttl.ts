import type { MutableObject } from '../../registry/index.ts';
import { type Controller, isStatus } from '../host/index.ts';
import { isFinished, trueCondition } from './conditions.ts';

/** Deletes Jobs that are over, once they have been for as long as they say. */
export const ttlAfterFinishedController: Controller = {
  name: 'ttl-after-finished-controller',
  serviceAccount: 'ttl-after-finished-controller',
  start(context) {
    const jobs = context.resource('batch', 'v1', 'jobs');
    const queue = context.queue(async (key) => {
      const [namespace = '', name = ''] = key.split('/');
      const job = context.client.get(jobs, namespace, name) as MutableObject | undefined;
      if (!job || job.metadata.deletionTimestamp) return;
      const { ttlSecondsAfterFinished } = job.spec;
      const end = trueCondition(job, 'Complete') ?? trueCondition(job, 'Failed');
      if (ttlSecondsAfterFinished === undefined || !end) return;
      const left = Date.parse(end.lastTransitionTime) + ttlSecondsAfterFinished * 1000 - context.clock.now();
      if (left > 0) {
        queue.addAfter(key, left);
        return;
      }
      try {
        const { uid = '', resourceVersion = '' } = job.metadata;
        await context.client.delete(jobs, namespace, name, { uid, resourceVersion, propagationPolicy: 'Foreground' });
      } catch (error) {
        if (!isStatus(error, 409)) throw error;
      }
    });
    context.watch(jobs, ({ type, key, entry: { object } }) => {
      if (type !== 'delete' && isFinished(object as MutableObject)) queue.add(key);
    });
  },
};
