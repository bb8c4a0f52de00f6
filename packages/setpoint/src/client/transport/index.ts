export { type InProcessHandler, inProcessTransport } from './in-process.ts';
export { type NetworkTransport, type NetworkTransportOptions, networkTransport } from './network.ts';
export { ProxiedTransport } from './proxied.ts';
export {
  type ConnectionClass,
  discard,
  headerOf,
  type Transport,
  type TransportRequest,
  type TransportResponse,
  type UpgradedSocket,
  type UpgradeRequest,
} from './transport.ts';
