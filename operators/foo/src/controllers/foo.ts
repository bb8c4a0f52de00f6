import { changed, controller, index, metadata, watch } from 'setpoint';
import { Pod } from 'setpoint/core/v1';
import { Foo } from '../api/v1/foo.ts';

const foosByFriend = index(Foo, (foo) => foo.spec.name);
const podsByName = index(metadata(Pod), (pod) => pod.metadata.name);

export const fooController = controller(Foo, {
  reads: [podsByName],
  watches: [
    watch(metadata(Pod), {
      reads: [foosByFriend],
      // A Foo asks whether a Pod of a name exists: what happens to the Pod in between is of no interest.
      predicates: [changed((pod) => pod.metadata.name)],
      enqueue(pod, { cache, log }) {
        const foos = cache.lookup(foosByFriend, pod.metadata.name);
        if (foos.length > 0) log.info('pod linked to a foo custom resource issued an event');
        return foos;
      },
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
