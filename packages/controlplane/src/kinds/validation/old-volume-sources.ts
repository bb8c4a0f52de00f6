import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Label } from '@setpoint/apimachinery/names';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { all, type Errors } from './common.ts';
import { checkDescending } from './pod-security.ts';

type Check = (source: Loose, path: FieldPath, errors: Errors) => void;

/** Volumes of systems that drivers of their own serve today. */
export function validateOldSources(volume: Loose, path: FieldPath, errors: Errors): void {
  for (const name of Object.keys(volume)) {
    const source = volume[name];
    if (!source || !Object.hasOwn(checks, name)) continue;
    (checks[name] as Check)(source, path.child(name === 'gcePersistentDisk' ? 'persistentDisk' : name), errors);
  }
}

/** Members that must not be empty. */
function needs(...members: readonly string[]): Check {
  return (source, path, errors) => {
    for (const member of members) {
      if (isEmpty(source[member])) errors.push(FieldError.required(path.child(member)));
    }
  };
}

function checkSecret({ secretRef }: Loose, path: FieldPath, errors: Errors): void {
  if (secretRef && !secretRef.name) errors.push(FieldError.required(path.child('secretRef', 'name')));
}

function checkRange(value: Loose, least: number, path: FieldPath, errors: Errors): void {
  if (value === undefined || (value >= 0 && value <= 255)) return;
  errors.push(FieldError.invalid(path, value, `must be between ${least} and 255, inclusive`));
}

const checks: Readonly<Record<string, Check>> = {
  gitRepo: ({ directory = '' }, path, errors) => checkDescending(directory, path.child('directory'), errors),
  cephfs: needs('monitors'),
  rbd: needs('monitors', 'image'),
  scaleIO: needs('gateway', 'system', 'volumeName'),
  image: needs('reference'),
  storageos(source, path, errors) {
    const { volumeName = '', volumeNamespace } = source;
    if (volumeName === '') errors.push(FieldError.required(path.child('volumeName')));
    else all(dns1123Label(volumeName), path.child('volumeName'), volumeName, errors);
    if (volumeNamespace) all(dns1123Label(volumeNamespace), path.child('volumeNamespace'), volumeNamespace, errors);
    checkSecret(source, path, errors);
  },
  cinder: checkSecret,
  gcePersistentDisk(source, path, errors) {
    if (!source.pdName) errors.push(FieldError.required(path.child('pdName')));
    checkRange(source.partition, 1, path.child('partition'), errors);
  },
  awsElasticBlockStore: ({ partition }, path, errors) => checkRange(partition, 1, path.child('partition'), errors),
  fc(source, path, errors) {
    const at = path.child('targetWWNs');
    const [none, noIds] = [isEmpty(source.targetWWNs), isEmpty(source.wwids)];
    if (none && noIds) errors.push(FieldError.required(at, 'must specify either targetWWNs or wwids, but not both'));
    if (!none && !noIds) {
      const why = 'targetWWNs and wwids can not be specified simultaneously';
      errors.push(FieldError.invalid(at, source.targetWWNs, why));
    }
    if (none) return;
    if (source.lun !== undefined) checkRange(source.lun, 0, path.child('lun'), errors);
    else errors.push(FieldError.required(path.child('lun'), 'lun is required if targetWWNs is specified'));
  },
  iscsi: checkIscsi,
  azureDisk: checkAzureDisk,
  flocker(source, path, errors) {
    const { datasetName = '', datasetUUID = '' } = source;
    if (!datasetName && !datasetUUID) {
      errors.push(FieldError.required(path, 'one of datasetName and datasetUUID is required'));
    } else if (datasetName && datasetUUID) {
      const why = 'datasetName and datasetUUID can not be specified simultaneously';
      errors.push(FieldError.invalid(path, 'resource', why));
    }
    if (datasetName.includes('/')) {
      errors.push(FieldError.invalid(path.child('datasetName'), datasetName, "must not contain '/'"));
    }
  },
  quobyte: checkQuobyte,
  flexVolume({ options = {} }, path, errors) {
    for (const key of Object.keys(options)) {
      const owner = `.${(key.includes('/') ? key.slice(0, key.indexOf('/')) : key).toLowerCase()}`;
      if (!owner.endsWith('.kubernetes.io') && !owner.endsWith('.k8s.io')) continue;
      const why = 'kubernetes.io and k8s.io namespaces are reserved';
      errors.push(FieldError.invalid(path.child('options').key(key), key, why));
    }
  },
};

const initiators: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([\dA-Za-z\-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[\dA-Za-z]{16}$/,
  naa: /^naa.[\dA-Za-z]{32}$/,
};

function checkInitiator(name: string, path: FieldPath, errors: Errors): void {
  const form = initiators[name.slice(0, 3)];
  if (!form) errors.push(FieldError.invalid(path, name, 'must be valid format starting with iqn, eui, or naa'));
  else if (!form.test(name)) errors.push(FieldError.invalid(path, name, 'must be valid format'));
}

export function checkIscsi(source: Loose, path: FieldPath, errors: Errors): void {
  if (source.iqn) checkInitiator(source.iqn, path.child('iqn'), errors);
  checkRange(source.lun, 0, path.child('lun'), errors);
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef) {
    errors.push(FieldError.required(path.child('secretRef')));
  }
  if (source.initiatorName !== undefined) checkInitiator(source.initiatorName, path.child('initiatorname'), errors);
}

function checkAzureDisk(azureDisk: Loose, path: FieldPath, errors: Errors): void {
  const isManaged = azureDisk.kind === 'Managed';
  const wanted = isManaged
    ? '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
    : 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';
  if (!azureDisk.diskName) errors.push(FieldError.required(path.child('diskName')));
  const uri: string = azureDisk.diskURI ?? '';
  if (uri === '') errors.push(FieldError.required(path.child('diskURI')));
  if (!uri.startsWith(isManaged ? '/subscriptions/' : 'https://')) {
    errors.push(FieldError.notSupported(path.child('diskURI'), uri, [wanted]));
  }
}

function checkQuobyte({ registry = '', tenant = '', volume }: Loose, path: FieldPath, errors: Errors): void {
  const why = 'must be a host:port pair or multiple pairs separated by commas';
  if (registry === '') errors.push(FieldError.required(path.child('registry'), why));
  else if (tenant.length > 64) {
    const limit = 'must be a UUID and may not exceed a length of 64 characters';
    errors.push(FieldError.required(path.child('tenant'), limit));
  } else {
    for (const pair of registry.split(',')) {
      if (!/^([^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/.test(pair)) {
        errors.push(FieldError.invalid(path.child('registry'), registry, why));
      }
    }
  }
  if (!volume) errors.push(FieldError.required(path.child('volume')));
}
