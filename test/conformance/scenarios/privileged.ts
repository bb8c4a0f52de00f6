import { type Scenario, scenario } from '../scenario.ts';

const container = { name: 'c', image: 'i:v1', securityContext: { privileged: true } };
const spec = { containers: [container] };
const template = { metadata: { labels: { a: 'b' } }, spec };
const selector = { matchLabels: { a: 'b' } };
const job = { template: { spec: { ...spec, restartPolicy: 'Never' } } };

const bodies: readonly (readonly [path: string, body: object])[] = [
  ['/api/v1/{}/pods', { spec }],
  ['/api/v1/{}/pods', { spec: { ...spec, initContainers: [{ ...container, name: 'i' }] } }],
  ['/api/v1/{}/podtemplates', { template }],
  ['/api/v1/{}/replicationcontrollers', { spec: { replicas: 0, selector: selector.matchLabels, template } }],
  ['/apis/apps/v1/{}/deployments', { spec: { replicas: 0, selector, template } }],
  ['/apis/apps/v1/{}/replicasets', { spec: { replicas: 0, selector, template } }],
  ['/apis/apps/v1/{}/statefulsets', { spec: { replicas: 0, selector, template } }],
  ['/apis/apps/v1/{}/daemonsets', { spec: { selector, template } }],
  ['/apis/batch/v1/{}/jobs', { spec: { suspend: true, ...job } }],
  ['/apis/batch/v1/{}/cronjobs', { spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: job } } }],
];

/** The server is started without --allow-privileged. */
export const privilegedContainers: readonly Scenario[] = [
  scenario('wrong pods', 'privileged containers', async (server) => {
    for (const [path, body] of bodies) {
      const at = path.replace('{}', `namespaces/${server.namespace}`);
      await server.post(`${at}?dryRun=All`, { metadata: { name: 'a' }, ...body });
    }
  }),
];
