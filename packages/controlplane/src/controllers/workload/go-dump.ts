import { type Field, structType, type TypeRef } from '@setpoint/apimachinery/kinds';
import type { JsonObject } from '@setpoint/apimachinery/meta';
import { quantityDump } from './go-quantity.ts';

/** Go's names of fields whose JSON names do not give them away by their first letter. */
const goNames: Readonly<Record<string, string>> = {
  apiGroup: 'APIGroup',
  apiVersion: 'APIVersion',
  awsElasticBlockStore: 'AWSElasticBlockStore',
  cephfs: 'CephFS',
  csi: 'CSI',
  dnsConfig: 'DNSConfig',
  dnsPolicy: 'DNSPolicy',
  fc: 'FC',
  fsGroup: 'FSGroup',
  fsGroupChangePolicy: 'FSGroupChangePolicy',
  fsType: 'FSType',
  gcePersistentDisk: 'GCEPersistentDisk',
  gmsaCredentialSpec: 'GMSACredentialSpec',
  gmsaCredentialSpecName: 'GMSACredentialSpecName',
  grpc: 'GRPC',
  httpGet: 'HTTPGet',
  httpHeaders: 'HTTPHeaders',
  ip: 'IP',
  iqn: 'IQN',
  iscsi: 'ISCSI',
  iscsiInterface: 'ISCSIInterface',
  nfs: 'NFS',
  os: 'OS',
  pdName: 'PDName',
  rbd: 'RBD',
  seLinuxChangePolicy: 'SELinuxChangePolicy',
  seLinuxOptions: 'SELinuxOptions',
  sslEnabled: 'SSLEnabled',
  storageos: 'StorageOS',
  tcpSocket: 'TCPSocket',
  tty: 'TTY',
  uid: 'UID',
  wwids: 'WWIDs',
  'AzureDiskVolumeSource.diskURI': 'DataDiskURI',
  'GlusterfsVolumeSource.endpoints': 'EndpointsName',
  'ISCSIVolumeSource.chapAuthDiscovery': 'DiscoveryCHAPAuth',
  'ISCSIVolumeSource.chapAuthSession': 'SessionCHAPAuth',
  'PodSpec.serviceAccount': 'DeprecatedServiceAccount',
  'RBDVolumeSource.image': 'RBDImage',
  'RBDVolumeSource.monitors': 'CephMonitors',
  'RBDVolumeSource.pool': 'RBDPool',
  'RBDVolumeSource.user': 'RadosUser',
};

/** A time that was never set. */
const zeroTime = '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}';

/**
 * A PodTemplateSpec as upstream dumps its Go value to hash it (k8s.io/utils/dump.ForHash): all fields in the order of the
 * structs, with their types.
 *
 * @param template canonical, as it is stored
 */
export function podTemplateDump(template: object): string {
  return `(v1.PodTemplateSpec)${structDump('core/v1.PodTemplateSpec', template as JsonObject)}`;
}

function structDump(type: string, value: JsonObject): string {
  const { name, members } = structType(type);
  const written = members.map((member) => {
    if ('inline' in member)
      return `${shortName(member.inline)}:(v1.${shortName(member.inline)})${structDump(member.inline, value)}`;
    return `${goName(name, member.field)}:${fieldDump(member.field, value[member.field.name])}`;
  });
  return `{${written.join(' ')}}`;
}

function shortName(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1);
}

function goName(struct: string, { name, type }: Field): string {
  // Embedded, though it has a name in JSON.
  if (type.kind === 'struct' && type.type === 'meta/v1.ObjectMeta') return 'ObjectMeta';
  return goNames[`${struct}.${name}`] ?? goNames[name] ?? name.charAt(0).toUpperCase() + name.slice(1);
}

function fieldDump({ type, pointer }: Field, value: unknown): string {
  const isNil = value === undefined || value === null || isEmptyCollection(type, value);
  const nillable = pointer || type.kind === 'list' || type.kind === 'map';
  const typed = `(${pointer ? '*' : ''}${typeName(type)})`;
  return isNil && nillable ? `${typed}<nil>` : `${typed}${valueDump(type, value)}`;
}

/** Not told from an absent one on the way through protobuf. */
function isEmptyCollection(type: TypeRef, value: unknown): boolean {
  return (type.kind === 'list' || type.kind === 'map') && Object.keys(value as object).length === 0;
}

function typeName(type: TypeRef): string {
  switch (type.kind) {
    case 'string':
      return type.name ?? 'string';
    case 'integer':
      return `int${type.bits}`;
    case 'list':
      return `[]${typeName(type.items)}`;
    case 'map':
      return type.values.kind === 'Quantity' ? 'v1.ResourceList' : `map[string]${typeName(type.values)}`;
    case 'struct':
      return `v1.${shortName(type.type)}`;
    case 'Quantity':
      return 'resource.Quantity';
    case 'IntOrString':
      return 'intstr.IntOrString';
    case 'Time':
      return 'v1.Time';
    default:
      return type.kind;
  }
}

function valueDump(type: TypeRef, value: unknown): string {
  switch (type.kind) {
    case 'string':
      return String(value ?? '');
    case 'bool':
      return String(value ?? false);
    case 'integer':
      return String(value ?? 0);
    case 'list':
      return `[${(value as readonly unknown[]).map((item) => valueDump(type.items, item)).join(' ')}]`;
    case 'map': {
      const entries = Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1));
      return `map[${entries.map(([key, item]) => `${key}:${valueDump(type.values, item)}`).join(' ')}]`;
    }
    case 'struct':
      return structDump(type.type, (value ?? {}) as JsonObject);
    case 'Quantity':
      return quantityDump(String(value ?? '0'));
    case 'IntOrString': {
      const [kind, number, text] = typeof value === 'string' ? [1, 0, value] : [0, value ?? 0, ''];
      return `{Type:(intstr.Type)${kind} IntVal:(int32)${number} StrVal:(string)${text}}`;
    }
    case 'Time':
      return zeroTime;
    default:
      return String(value ?? '');
  }
}
