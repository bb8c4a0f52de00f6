import { defineKind, listMap, preserveUnknown, type Resource, rules } from 'setpoint';
import { int32, intOrString, quantity } from 'setpoint/zod';
import { z } from 'zod';

const amounts = z.record(z.string(), quantity());
const portNumber = int32().min(1).max(65535);

const port = z.object({
  name: z.string().max(63).exactOptional().describe('Needed where there are several ports'),
  port: portNumber.describe('Where the Service listens'),
  targetPort: intOrString().exactOptional().describe('Port of the pods; the same if left out'),
  nodePort: portNumber.exactOptional().describe('Port of every node; chosen by the cluster if left out'),
  protocol: z.enum(['TCP', 'UDP', 'SCTP']).default('TCP'),
  appProtocol: z.string().exactOptional(),
});

const environmentVariable = z.object({
  name: z.string().min(1),
  value: z.string().exactOptional(),
  valueFrom: z.looseObject({}).meta(preserveUnknown()).exactOptional(),
});

const time = z.iso.datetime({ offset: true });
const deploymentCondition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().exactOptional(),
  message: z.string().exactOptional(),
  lastUpdateTime: time.exactOptional(),
  lastTransitionTime: time.exactOptional(),
  observedGeneration: z.int().exactOptional(),
});

/** What the status of a Deployment counts. */
export const counts = z.object({
  observedGeneration: z.int().exactOptional(),
  replicas: int32().exactOptional(),
  updatedReplicas: int32().exactOptional(),
  readyReplicas: int32().exactOptional(),
  availableReplicas: int32().exactOptional(),
  unavailableReplicas: int32().exactOptional(),
  terminatingReplicas: int32().exactOptional(),
  collisionCount: int32().exactOptional(),
});

export const EasyService = defineKind({
  group: 'app.kubebuilder.io',
  version: 'v1',
  kind: 'EasyService',
  description: 'EasyService runs an image and makes it reachable: a Deployment and a NodePort Service of its name',
  spec: z.object({
    size: int32().min(0).describe('How many pods'),
    image: z.string().min(1),
    resources: z.object({ limits: amounts.exactOptional(), requests: amounts.exactOptional() }).exactOptional(),
    envs: z.array(environmentVariable).exactOptional(),
    ports: z
      .array(port)
      .max(100)
      .meta(
        rules(
          { rule: 'self.size() < 2 || self.all(p, has(p.name))', message: 'each of several ports needs a name' },
          {
            rule: 'self.all(p, !has(p.name) || self.exists_one(q, has(q.name) && q.name == p.name))',
            message: 'two ports have the same name',
          },
        ),
      )
      .exactOptional(),
  }),
  status: counts.extend({ conditions: z.array(deploymentCondition).meta(listMap('type')).exactOptional() }),
  columns: [
    { name: 'Size', type: 'integer', path: '.spec.size' },
    { name: 'Available', type: 'integer', path: '.status.availableReplicas' },
    { name: 'Image', type: 'string', path: '.spec.image' },
  ],
});
export type EasyService = Resource<typeof EasyService>;
