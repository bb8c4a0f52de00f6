import { execFileSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';

/** Of 198.18.0.0/15, which is for tests of networks: four addresses a machine. */
const networks = Array.from({ length: 64 }, (_, i) => `198.18.77.${4 * i}`);

/**
 * A cable between this machine and the one whose first process is `pid`; it goes when either end goes.
 *
 * @param inside runs a command in there
 * @returns the address of the other end
 */
export function addNetworkLink(pid: string, inside: (...command: string[]) => void): string {
  const taken = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address));
  const network = networks.find((first) => !taken.includes(following(first, 1)));
  if (network === undefined) throw new Error('too many machines run already: no network is left');
  const [here, there] = [following(network, 1), following(network, 2)];
  const name = `setpoint${network.split('.').at(-1)}`;
  execFileSync('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', 'node0', 'netns', pid]);
  execFileSync('ip', ['address', 'add', `${here}/30`, 'dev', name]);
  execFileSync('ip', ['link', 'set', name, 'up']);
  inside('ip', 'address', 'add', `${there}/30`, 'dev', 'node0');
  inside('ip', 'link', 'set', 'node0', 'up');
  inside('ip', 'route', 'add', 'default', 'via', here);
  return there;
}

function following(address: string, count: number): string {
  const [a, b, c, d] = address.split('.');
  return [a, b, c, Number(d) + count].join('.');
}
