import { operator } from 'setpoint';
import { caInjectionControllers } from './controllers/ca-injection.ts';
import { certificateInfoController } from './controllers/certificate-info.ts';
import { expiryAlertController } from './controllers/expiry-alert.ts';
import { ingressController } from './controllers/ingress.ts';
import { routeController } from './controllers/route.ts';
import { certificateMetrics } from './metrics.ts';
import { secretsInMemory } from './secrets.ts';

export default operator({
  name: 'tls-secrets',
  controllers: [
    ...caInjectionControllers,
    certificateInfoController,
    expiryAlertController,
    ingressController,
    routeController,
  ],
  cache: [secretsInMemory],
  metrics: certificateMetrics,
});
