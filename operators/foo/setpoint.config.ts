import { defineConfig } from 'setpoint/deployment';

/** How `setpoint manifests` has the operator deployed. */
export default defineConfig({
  deployment: {
    image: 'foo-operator:0.1.0',
  },
});
