import { type Controller, isActiveNamespace, unlessTerminating } from '../host/index.ts';

/** Every namespace has it. */
const defaultName = 'default';

/** Sees that every active namespace has a service account `default`. */
export const serviceAccountController: Controller = {
  name: 'serviceaccount-controller',
  serviceAccount: 'service-account-controller',
  start(context) {
    const { client } = context;
    const namespaces = context.resource('', 'v1', 'namespaces');
    const accounts = context.resource('', 'v1', 'serviceaccounts');
    const queue = context.queue(async (namespace) => {
      if (!isActiveNamespace(client.get(namespaces, '', namespace))) return;
      if (client.get(accounts, namespace, defaultName)) return;
      await unlessTerminating(client.create(accounts, { metadata: { name: defaultName, namespace } }));
    });
    const present = context.collection(accounts);
    context.watch(namespaces, ({ type, key }) => {
      if (type !== 'delete' && !present.get(`${key}/${defaultName}`)) queue.add(key);
    });
    context.watch(accounts, ({ type, entry }) => {
      if (type !== 'delete') return;
      const { name, namespace = '' } = entry.object.metadata;
      if (name === defaultName) queue.add(namespace);
    });
  },
};
