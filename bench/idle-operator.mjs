// An operator as a pod would run it, with nothing to do. It watches ConfigMaps' metadata: no CRD is needed.
import { controller, operator } from 'setpoint';
import { ConfigMap } from 'setpoint/core/v1';

await operator({
  name: 'idle',
  controllers: [controller(ConfigMap, { labelSelector: 'nothing=here', reconcile: () => undefined })],
}).main();
