/** Network addresses as Go's net package reads them. */

/** Four decimal numbers; `sloppy` allows leading zeros, as Go did before 1.17. */
export function isIpv4(text: string, sloppy: boolean): boolean {
  const parts = text.split('.');
  if (parts.length !== 4) return false;
  return parts.every((part) => {
    if (!/^\d+$/.test(part)) return false;
    if (!sloppy && part.length > 1 && part.startsWith('0')) return false;
    return Number(part) <= 255;
  });
}

export function isIpv6(text: string, sloppy: boolean): boolean {
  if (!text.includes(':')) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [at, half] of halves.entries()) {
    if (half === '') continue;
    const fields = half.split(':');
    const isLastHalf = at === halves.length - 1;
    for (const [i, field] of fields.entries()) {
      if (isLastHalf && i === fields.length - 1 && field.includes('.')) {
        if (!isIpv4(field, sloppy)) return false;
        groups += 2;
      } else {
        if (!/^[0-9a-fA-F]{1,4}$/.test(field)) return false;
        groups += 1;
      }
    }
  }
  if (halves.length === 1) return groups === 8;
  return groups < 8;
}

export function isCidr(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash < 0) return false;
  const address = text.slice(0, slash);
  const bits = text.slice(slash + 1);
  if (!/^\d+$/.test(bits)) return false;
  if (isIpv4(address, true)) return Number(bits) <= 32;
  return isIpv6(address, true) && Number(bits) <= 128;
}

/** 6, 8 or 20 bytes: in pairs parted by `:` or `-`, in fours parted by `.`, or without a break. */
export function isMac(text: string): boolean {
  if (/^[0-9a-fA-F]+$/.test(text)) return [12, 16, 40].includes(text.length);
  const byte = '[0-9a-fA-F]{2}';
  const pairs = new RegExp(`^${byte}(?:(:${byte})+|(-${byte})+)$`);
  if (pairs.test(text)) return [6, 8, 20].includes((text.length + 1) / 3);
  if (!/^[0-9a-fA-F]{4}(\.[0-9a-fA-F]{4})+$/.test(text)) return false;
  return [6, 8, 20].includes(((text.length + 1) / 5) * 2);
}

/** Whether Go's url.ParseRequestURI takes it: an absolute URI, or an absolute path. */
export function isRequestUri(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what Go refuses
  if (text === '' || /[\x00-\x1f\x7f]/.test(text)) return false;
  if (text === '*') return true;
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text);
  if (!scheme && text.startsWith(':')) return false;
  const beforeQuery = (scheme ? text.slice(scheme[0].length) : text).split('?', 1)[0] as string;
  if (!beforeQuery.startsWith('/')) return scheme !== null;
  let path = beforeQuery;
  if (scheme && beforeQuery.startsWith('//')) {
    const end = beforeQuery.indexOf('/', 2);
    const authority = beforeQuery.slice(2, end < 0 ? undefined : end);
    if (!isAuthority(authority)) return false;
    path = end < 0 ? '' : beforeQuery.slice(end);
  }
  return !/%(?![0-9a-fA-F]{2})/.test(path);
}

function isAuthority(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at >= 0 && !/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text.slice(0, at))) return false;
  const host = text.slice(at + 1);
  if (host.startsWith('[')) return /^\[[0-9a-fA-F:.]+(%25[^\]]*)?\](:\d*)?$/.test(host);
  const colon = host.lastIndexOf(':');
  if (colon >= 0 && !/^:\d*$/.test(host.slice(colon))) return false;
  // A host escapes only bytes beyond ASCII, and the per cent sign itself.
  return /^(?:[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]|[^\0-\x7f]|%25|%[89a-fA-F][0-9a-fA-F])*$/.test(host);
}
