import { createServer } from 'node:net';

/** Where an operator serves, if no flag says otherwise. */
const usual = [
  { flag: '--metrics-bind-address', port: 8080 },
  { flag: '--health-probe-bind-address', port: 8081 },
];

/**
 * Flags by which an operator takes any free port where its usual one is taken, so that two of them can be developed at
 * once. What the person gave stays.
 */
export async function aroundTakenPorts(operatorFlags: readonly string[], ports = usual): Promise<readonly string[]> {
  const added: string[] = [];
  for (const { flag, port } of ports) {
    const given = operatorFlags.some((text) => text === flag || text.startsWith(`${flag}=`));
    if (!given && !(await isFree(port))) added.push(`${flag}=127.0.0.1:0`);
  }
  return [...added, ...operatorFlags];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
