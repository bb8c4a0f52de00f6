/** `AppsV1`, `CoreV1`, `WireExampleComV1`: how operation ids name a group and version. */
export function operationPrefix(group: string, version: string): string {
  return capital(camel(group)) + capital(version);
}

/** `apps_v1`, `core_v1`, `wireExampleCom_v1` */
export function tagOf(group: string, version: string): string {
  return `${camel(group)}_${version}`;
}

/** `com.example.wire.v1.Wire`: the component of a custom resource. */
export function customComponent(group: string, version: string, kind: string): string {
  return [...group.split('.').reverse(), version, kind].join('.');
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Groups of Kubernetes lose their domain. */
function camel(group: string): string {
  const name = group === '' ? 'core' : group.replace(/\.k8s\.io$/, '');
  return name
    .split(/[.-]/)
    .map((part, i) => (i === 0 ? part : capital(part)))
    .join('');
}
