import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { httpHeaderName, inRange, portName } from '@setpoint/apimachinery/names';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { all, type Errors, nonNegative } from './common.ts';

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'];

/** One way to ask a container, or to tell it something; `grace` is how long the pod has to end. */
function validateHandler(handler: Loose, grace: number | undefined, path: FieldPath, errors: Errors): void {
  const [first, ...more] = handlers.filter((name) => handler[name]);
  if (first === undefined) errors.push(FieldError.required(path, 'must specify a handler type'));
  for (const name of more) {
    errors.push(FieldError.forbidden(path.child(name), 'may not specify more than 1 handler type'));
  }
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  if (first === 'exec' && isEmpty(exec.command)) errors.push(FieldError.required(path.child('exec', 'command')));
  if (first === 'httpGet') checkRequest(httpGet, path.child('httpGet'), errors);
  if (first === 'tcpSocket') checkPort(tcpSocket.port, path.child('tcpSocket', 'port'), errors);
  if (first === 'grpc') checkPort(grpc.port, path.child('grpc', 'port'), errors);
  if (first === 'sleep' && grace !== undefined && (sleep.seconds < 0 || sleep.seconds > grace)) {
    const why = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`;
    errors.push(FieldError.invalid(path.child('sleep'), sleep.seconds, why));
  }
}

function checkRequest(request: Loose, path: FieldPath, errors: Errors): void {
  if (!request.path) errors.push(FieldError.required(path.child('path')));
  checkPort(request.port, path.child('port'), errors);
  const schemes = ['HTTP', 'HTTPS'];
  if (!schemes.includes(request.scheme)) {
    errors.push(FieldError.notSupported(path.child('scheme'), request.scheme ?? '', schemes));
  }
  for (const { name = '' } of request.httpHeaders ?? []) {
    all(httpHeaderName(name), path.child('httpHeaders'), name, errors);
  }
}

function checkPort(port: Loose, path: FieldPath, errors: Errors): void {
  if (typeof port === 'string') all(portName(port), path, port, errors);
  else all(inRange(port ?? 0, 1, 65535), path, port ?? 0, errors);
}

export function validateProbe(probe: Loose, name: string, path: FieldPath, errors: Errors): void {
  validateHandler({ ...probe, sleep: undefined }, undefined, path, errors);
  const times = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'];
  for (const member of times) nonNegative(probe[member], path.child(member), errors);
  const { terminationGracePeriodSeconds: grace } = probe;
  const at = path.child('terminationGracePeriodSeconds');
  if (name === 'readinessProbe') {
    if (grace !== undefined) errors.push(FieldError.invalid(at, grace, 'must not be set for readinessProbes'));
    return;
  }
  if (grace !== undefined && grace <= 0) errors.push(FieldError.invalid(at, grace, 'must be greater than 0'));
  if (probe.successThreshold !== undefined && probe.successThreshold !== 1) {
    errors.push(FieldError.invalid(path.child('successThreshold'), probe.successThreshold, 'must be 1'));
  }
}

/** What a container is told when it has begun, and before it ends. */
export function validateLifecycle(lifecycle: Loose, grace: number | undefined, path: FieldPath, errors: Errors): void {
  for (const moment of ['postStart', 'preStop']) {
    if (lifecycle[moment]) validateHandler(lifecycle[moment], grace, path.child(moment), errors);
  }
}
