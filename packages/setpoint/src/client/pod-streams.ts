import type { Status } from '@setpoint/apimachinery/meta';
import { ApiError, ConnectionError, type RequestDescription, RequestError } from '../errors/index.ts';
import { ByteQueue } from './byte-queue.ts';
import { decodeJson, textOf } from './json.ts';
import type { ObjectKey } from './options.ts';
import type { Pipeline } from './pipeline.ts';
import { podPath } from './reads.ts';
import { queryOf } from './resource.ts';
import type { ExecOptions, ExecSession, PortForward, PortForwardOptions } from './streams.ts';
import type { UpgradedSocket } from './transport/index.ts';

/** The first byte of each message names its channel (remotecommand v5, KEP-4006). */
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
const v5 = 'v5.channel.k8s.io';
const v4 = 'v4.channel.k8s.io';
const encoder = new TextEncoder();

export async function podExec(pipeline: Pipeline, key: ObjectKey, options: ExecOptions): Promise<ExecSession> {
  if (options.command.length === 0) throw new RequestError(`cannot exec in Pod ${key.name}: the command is empty`);
  const { stdin = false, stdout = true, tty = false, container } = options;
  const stderr = options.stderr ?? !tty;
  if (!stdin && !stdout && !stderr)
    throw new RequestError(`cannot exec in Pod ${key.name}: ask for stdin, stdout or stderr`);
  const command = options.command.map((argument) => `&command=${encodeURIComponent(argument)}`).join('');
  const request: RequestDescription = {
    verb: 'get',
    kind: 'Pod',
    namespace: key.namespace,
    name: key.name,
    subresource: 'exec',
  };
  const socket = await pipeline.upgrade({
    request,
    url: podPath('exec in', key, 'exec') + queryOf({ stdin, stdout, stderr, tty, container }) + command,
    protocols: [v5, v4],
    signal: options.signal,
  });
  return execSession(socket, request);
}

function execSession(socket: UpgradedSocket, request: RequestDescription): ExecSession {
  const stdout = new ByteQueue();
  const stderr = new ByteQueue();
  const exit = receive(socket, stdout, stderr, request);
  // Who does not ask for the exit code is not to be ended by it.
  exit.catch(() => undefined);
  return {
    stdout,
    stderr,
    write: (bytes) => socket.send(framed(channel.stdin, bytes)),
    async end() {
      if (socket.protocol !== v5)
        throw new RequestError(`the server cannot end standard input: it speaks ${socket.protocol}, not ${v5}`);
      await socket.send(Uint8Array.of(channel.close, channel.stdin));
    },
    resize: ({ width, height }) =>
      socket.send(framed(channel.resize, JSON.stringify({ Width: width, Height: height }))),
    exit,
    close: () => socket.close(),
  };
}

async function receive(
  socket: UpgradedSocket,
  stdout: ByteQueue,
  stderr: ByteQueue,
  request: RequestDescription,
): Promise<number> {
  let code: number | undefined;
  let failure: unknown;
  try {
    for await (const message of socket.messages) {
      const rest = message.subarray(1);
      if (message[0] === channel.stdout) await stdout.push(rest);
      else if (message[0] === channel.stderr) await stderr.push(rest);
      else if (message[0] === channel.error && rest.length > 0) code = exitCode(rest, request);
    }
  } catch (error) {
    failure = error;
  }
  // Once the exit code is known, how the connection ends no longer matters.
  if (code === undefined)
    failure ??= new ConnectionError('ConnectionLost', 'the command ended without an exit code', { requestSent: true });
  else failure = undefined;
  stdout.end(failure);
  stderr.end(failure);
  if (code === undefined) throw failure;
  return code;
}

/** A Status: Success, or NonZeroExitCode with the code as a cause, or why the command could not be run. */
function exitCode(bytes: Uint8Array, request: RequestDescription): number {
  const status = decodeJson(textOf(bytes)) as Status;
  if (status.status === 'Success') return 0;
  const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  if (status.reason === 'NonZeroExitCode' && code !== undefined && /^\d+$/.test(code)) return Number(code);
  throw new ApiError({ request, httpStatus: status.code ?? 500, status });
}

function framed(name: number, bytes: Uint8Array | string): Uint8Array {
  const payload = typeof bytes === 'string' ? encoder.encode(bytes) : bytes;
  const message = new Uint8Array(payload.length + 1);
  message[0] = name;
  message.set(payload, 1);
  return message;
}

/** Of one forwarded port: bytes on channel 0, errors on channel 1; each begins with the port as two bytes. */
export async function podPortForward(
  pipeline: Pipeline,
  key: ObjectKey,
  options: PortForwardOptions,
): Promise<PortForward> {
  const { port } = options;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RequestError(`${port} is no port`);
  const request: RequestDescription = {
    verb: 'get',
    kind: 'Pod',
    namespace: key.namespace,
    name: key.name,
    subresource: 'portforward',
  };
  const socket = await pipeline.upgrade({
    request,
    url: podPath('forward a port of', key, 'portforward') + queryOf({ ports: port }),
    protocols: [v4],
    signal: options.signal,
  });
  const data = new ByteQueue();
  forward(socket, data, `port ${port} of Pod ${key.namespace}/${key.name}`).then(
    () => data.end(),
    (error) => data.end(error),
  );
  return { data, write: (bytes) => socket.send(framed(0, bytes)), close: () => socket.close() };
}

async function forward(socket: UpgradedSocket, data: ByteQueue, what: string): Promise<void> {
  const greeted = [false, false];
  for await (const message of socket.messages) {
    const name = message[0] ?? 0;
    let rest = message.subarray(1);
    if (name > 1) continue;
    if (!greeted[name]) {
      greeted[name] = true;
      rest = rest.subarray(2);
    }
    if (name === 0) await data.push(rest);
    else if (rest.length > 0)
      throw new ConnectionError('ConnectionLost', `${what}: ${textOf(rest)}`, { requestSent: true });
  }
}
