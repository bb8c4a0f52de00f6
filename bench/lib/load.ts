import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';

/** A bare HTTP/2 client of one connection, opened anew where the server ended it: as little of its own cost as Node allows. */
export interface Connection {
  request(method: string, path: string, body?: object, contentType?: string): Promise<{ status: number; text: string }>;
  /** Calls back with each line of a watch until the connection is closed. */
  watch(path: string, onLine: (line: string) => void): Promise<void>;
  close(): void;
}

export function open(kubeconfigFile: string): Connection {
  const config = parse(readFileSync(kubeconfigFile, 'utf8'));
  const decode = (data: string) => Buffer.from(data, 'base64');
  const dial = (): ClientHttp2Session => {
    const session = connect(config.clusters[0].cluster.server, {
      ca: decode(config.clusters[0].cluster['certificate-authority-data']),
      cert: decode(config.users[0].user['client-certificate-data']),
      key: decode(config.users[0].user['client-key-data']),
    });
    return session.on('error', () => {});
  };
  let session = dial();
  // The server ends connections that nobody uses for a while.
  const connected = () => {
    if (session.closed || session.destroyed) session = dial();
    return session;
  };
  return {
    request: (method, path, body, contentType = 'application/json') =>
      new Promise((resolve, reject) => {
        const stream = connected().request({ ':method': method, ':path': path, 'content-type': contentType });
        let status = 0;
        let text = '';
        stream.setEncoding('utf8');
        stream.on('response', (headers) => {
          status = Number(headers[':status']);
        });
        stream.on('data', (chunk) => {
          text += chunk;
        });
        stream.on('end', () => resolve({ status, text }));
        stream.on('error', reject);
        stream.end(body ? JSON.stringify(body) : undefined);
      }),
    watch: (path, onLine) =>
      new Promise((resolve, reject) => {
        const stream = connected().request({ ':method': 'GET', ':path': path });
        let rest = '';
        stream.setEncoding('utf8');
        stream.on('response', (headers) => {
          if (Number(headers[':status']) === 200) resolve();
          else reject(new Error(`watch answered ${headers[':status']}`));
        });
        stream.on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) onLine(line);
        });
        stream.on('error', reject);
      }),
    close: () => session.destroy(),
  };
}

export const widgets = '/apis/bench.setpoint.dev/v1/namespaces/default/widgets';

/** A custom resource that is 1 KB of JSON. */
export function widget(name: string): object {
  const items = Array.from({ length: 8 }, (_, i) => ({ name: `item-${i}`, value: 'x'.repeat(64), weight: i }));
  const labels = { app: 'bench', tier: 'middle', shard: String(name.length) };
  return {
    apiVersion: 'bench.setpoint.dev/v1',
    kind: 'Widget',
    metadata: { name, namespace: 'default', labels },
    spec: { replicas: 3, owner: 'somebody@example.com', items },
  };
}

export async function installWidgets(connection: Connection): Promise<void> {
  const item = {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string' }, value: { type: 'string' }, weight: { type: 'integer' } },
  };
  const spec = {
    type: 'object',
    properties: {
      replicas: { type: 'integer', minimum: 0 },
      owner: { type: 'string', maxLength: 200 },
      items: { type: 'array', items: item },
    },
  };
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    subresources: { status: {} },
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec, status: { type: 'object', properties: { phase: { type: 'string' } } } },
      },
    },
  };
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.bench.setpoint.dev' },
    spec: {
      group: 'bench.setpoint.dev',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [version],
    },
  };
  const created = await connection.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd);
  if (created.status !== 201) throw new Error(created.text);
  for (let tries = 0; tries < 200; tries++) {
    if ((await connection.request('GET', widgets)).status === 200) return;
    await delay(50);
  }
  throw new Error('the widgets are not served after ten seconds');
}

/** Calls `action` for 0 to `count`, one call a connection at a time; how many a second. */
export async function rate(
  connections: readonly Connection[],
  count: number,
  action: (connection: Connection, index: number) => Promise<{ readonly status: number; readonly text: string }>,
): Promise<number> {
  let next = 0;
  const began = performance.now();
  await Promise.all(
    connections.map(async (connection) => {
      while (next < count) {
        const { status, text } = await action(connection, next++);
        if (status !== 200 && status !== 201) throw new Error(text);
      }
    }),
  );
  return count / ((performance.now() - began) / 1000);
}

/** Creates `count` widgets from all connections at once; the rate per second. */
export function create(connections: readonly Connection[], prefix: string, count: number): Promise<number> {
  return rate(connections, count, (connection, i) => connection.request('POST', widgets, widget(`${prefix}-${i}`)));
}
