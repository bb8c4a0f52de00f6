import { goQuote } from '@setpoint/apimachinery/errors';
import { forbidden, type StatusError } from '../status/index.ts';
import type { Attributes } from './attributes.ts';

/** The refusal of what an authorizer does not allow. */
export function forbiddenRequest(attributes: Attributes, reason: string): StatusError {
  const { group, resource, name } = attributes;
  const said = withoutMarkup(describe(attributes));
  return forbidden({ group, resource }, name, reason === '' ? said : `${said}: ${reason}`);
}

function describe(attributes: Attributes): string {
  const { verb, resource, subresource, group, namespace, resourceRequest, path } = attributes;
  const user = goQuote(attributes.user.name);
  if (!resourceRequest) return `User ${user} cannot ${verb} path ${goQuote(path)}`;
  const what = goQuote(subresource === '' ? resource : `${resource}/${subresource}`);
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${goQuote(namespace)}`;
  return `User ${user} cannot ${verb} resource ${what} in API group ${goQuote(group)} ${where}`;
}

/** A browser that is shown the message must not take part of it for its own. */
function withoutMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
