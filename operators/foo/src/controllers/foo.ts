import { controller, index, metadata, watch } from 'setpoint';
import { Pod } from 'setpoint/core/v1';
import { Foo } from '../api/v1/foo.ts';

const foosByFriend = index(Foo, (foo) => foo.spec.name);
const podsByName = index(metadata(Pod), (pod) => pod.metadata.name);

export const fooController = controller(Foo, {
  reads: [podsByName],
  watches: [
    watch(metadata(Pod), {
      reads: [foosByFriend],
      enqueue: (pod, { cache }) => cache.lookup(foosByFriend, pod.metadata.name),
    }),
  ],
  async reconcile(foo, { cache, status, events, log }) {
    log.info('reconciling foo custom resource');
    const happy = cache.lookup(podsByName, foo.spec.name).length > 0;
    if (happy) log.info('pod linked to a foo custom resource found');
    if (await status.patch({ happy })) {
      log.info({ happy }, "foo's happy status updated");
      events.normal('HappyChanged', `happy is now ${happy}`);
    }
    log.info('foo custom resource reconciled');
  },
});
