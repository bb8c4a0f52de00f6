import { spawnSync } from 'node:child_process';
import { request } from 'node:https';
import type { KindFacts } from './discovery.ts';
import { header } from './model.ts';

/** Columns of `kubectl get` by type key; kept in tools/kinds/generated/columns.json. */
export type Columns = Readonly<Record<string, readonly Column[]>>;

interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

interface Access {
  readonly server: string;
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Asks the server of a kubeconfig for the table of each kind, for its columns alone. */
export async function readColumns(kubeconfig: string, kinds: readonly KindFacts[]): Promise<Columns> {
  const access = readAccess(kubeconfig);
  const found: Record<string, readonly Column[]> = {};
  for (const kind of kinds) {
    if (!kind.verbs.includes('list') || kind.kind === 'ComponentStatus') continue;
    const group = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
    const table = (await getTable(access, `${group}/${kind.plural}?limit=1`)) as {
      columnDefinitions: readonly Column[];
    };
    found[`${kind.group === '' ? 'core' : kind.group}/${kind.version}.${kind.kind}`] = table.columnDefinitions;
  }
  return found;
}

function readAccess(kubeconfig: string): Access {
  const args = ['--kubeconfig', kubeconfig, 'config', 'view', '--raw', '--flatten', '--minify', '-o', 'json'];
  const result = spawnSync('kubectl', args, { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`kubectl config view failed: ${result.stderr}`);
  const { clusters, users } = JSON.parse(result.stdout);
  const bytes = (text: string) => Buffer.from(text, 'base64');
  const { cluster } = clusters[0];
  const { user } = users[0];
  return {
    server: cluster.server,
    ca: bytes(cluster['certificate-authority-data']),
    cert: bytes(user['client-certificate-data']),
    key: bytes(user['client-key-data']),
  };
}

function getTable({ server, ca, cert, key }: Access, path: string): Promise<unknown> {
  const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
  return new Promise((resolve, reject) => {
    const sent = request(`${server}${path}`, { ca, cert, key, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`GET ${path}: ${response.statusCode} ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** controlplane/src/kinds/printers/generated/columns.ts. */
export function columnsFile(columns: Columns): string {
  const rows = Object.entries(columns).map(([type, list]) => `  '${type}': ${JSON.stringify(list)},`);
  return [
    header,
    `import type { ColumnDefinition } from '../../../registry/index.ts';\n`,
    'export const columns: Readonly<Record<string, readonly ColumnDefinition[]>> = {',
    ...rows,
    '};',
    '',
  ].join('\n');
}
