import type { MutableObject } from '../registry/index.ts';

/** Defaults of a definition: singular, list kind, conversion None, port of the webhook's service. */
export function defaultDefinition(object: MutableObject): void {
  object.spec ??= {};
  const { spec } = object;
  const names = { plural: '', kind: '', ...spec.names };
  const { singular = '', listKind = '', shortNames, categories } = names;
  spec.names = {
    plural: names.plural,
    ...(singular !== '' ? { singular } : names.kind ? { singular: names.kind.toLowerCase() } : {}),
    ...(shortNames?.length > 0 ? { shortNames } : {}),
    kind: names.kind,
    ...(listKind !== '' ? { listKind } : names.kind ? { listKind: `${names.kind}List` } : {}),
    ...(categories?.length > 0 ? { categories } : {}),
  };
  spec.conversion ??= { strategy: 'None' };
  const { webhook } = spec.conversion;
  // Without content it is not kept.
  if (webhook && webhook.clientConfig === undefined && !webhook.conversionReviewVersions)
    delete spec.conversion.webhook;
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service) service.port ??= 443;
  // false is the zero value and is not written.
  if (spec.preserveUnknownFields === false) delete spec.preserveUnknownFields;
}
