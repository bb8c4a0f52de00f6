export { type ApplyBody, decodeApplyBody } from './apply-body.ts';
export { type DecodedBody, decodeBody, decodeJsonBody, type Expected } from './decode.ts';
export { type EncodeOptions, encodeEvent, encodeJson, encodeList, encodeObject, type ListHead } from './encode.ts';
export { formatKubeconfig, type KubeconfigOptions, writeKubeconfig } from './kubeconfig.ts';
export { maxBodyBytes } from './limits.ts';
export type { ApiHandler, ApiRequest, ApiResponse, UserInfo } from './message.ts';
export {
  type BodyFormat,
  type Conversion,
  checkRouted,
  type Format,
  mediaType,
  negotiateBody,
  negotiateDocument,
  negotiateObject,
  negotiateStatus,
  negotiateWatch,
  type Output,
  parseAccept,
  type Routed,
} from './negotiate.ts';
export { type ApiServer, type ServeOptions, serve } from './serve.ts';
export {
  type HostAndPort,
  type ServiceResolver,
  WebhookClient,
  type WebhookClientOptions,
  type WebhookTarget,
} from './webhook/client.ts';
