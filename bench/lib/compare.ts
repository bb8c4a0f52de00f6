import { type Connection, create, installWidgets, open, removeWidgets } from './load.ts';
import { median, usage } from './process.ts';
import { type Figure, reported } from './table.ts';

const rounds = 3;
const objects = 3000;
/** What is created before anything is measured, so that neither server is asked cold. */
const warmUp = 500;

interface Server {
  readonly connections: readonly Connection[];
  /** Its processes; none if they cannot be seen from here. */
  readonly pids: readonly number[];
}

interface Round {
  readonly rate: number;
  /** Milliseconds of processor time for one create, of all its processes. */
  readonly cpu: number;
}

/**
 * The same creates on two servers in turns, so that whatever else the machine does meanwhile slows both. The widgets
 * are installed here already; there they are installed, and removed in the end.
 */
export async function compare(
  here: Server,
  another: { readonly kubeconfig: string; readonly pids: readonly number[] },
): Promise<Figure[]> {
  const connections = here.connections.map(() => open(another.kubeconfig));
  const first = connections[0] as Connection;
  const there: Server = { connections, pids: another.pids };
  try {
    await removeWidgets(first);
    await installWidgets(first);
    const results: { readonly here: Round; readonly there: Round }[] = [];
    for (let round = 0; round < rounds; round++) {
      if (round === 0) for (const server of [here, there]) await create(server.connections, 'warm-up', warmUp);
      results.push({ here: await measure(here, round), there: await measure(there, round) });
    }
    return figures(results, another.pids.length > 0);
  } finally {
    await removeWidgets(first);
    for (const connection of connections) connection.close();
  }
}

async function measure({ connections, pids }: Server, round: number): Promise<Round> {
  const spent = () => pids.reduce((sum, pid) => sum + usage(pid).cpuSeconds, 0);
  const before = spent();
  const rate = await create(connections, `round-${round}`, objects);
  return { rate, cpu: ((spent() - before) * 1000) / objects };
}

function figures(results: readonly { readonly here: Round; readonly there: Round }[], cpuOfBoth: boolean): Figure[] {
  const of = (value: (result: (typeof results)[0]) => number) => median(results.map(value));
  const label = `median of ${rounds} rounds of ${objects} creates in turns`;
  return [
    reported(
      `here, ${label}`,
      of(({ here }) => here.rate),
      '/s',
    ),
    reported(
      `the other server, ${label}`,
      of(({ there }) => there.rate),
      '/s',
    ),
    reported(
      'times the rate of the other server',
      of(({ here, there }) => here.rate / there.rate),
      '×',
    ),
    reported(
      'processor time of a create here',
      of(({ here }) => here.cpu),
      'ms',
    ),
    ...(cpuOfBoth
      ? [
          reported(
            'processor time of a create there',
            of(({ there }) => there.cpu),
            'ms',
          ),
        ]
      : []),
  ];
}
