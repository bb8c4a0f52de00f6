export { NamespaceController } from './namespaces.ts';
