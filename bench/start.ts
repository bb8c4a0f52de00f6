// node bench/start.ts: how long `npm start -- --once` takes in this checkout once it is installed.
import { execFileSync } from 'node:child_process';
import { median } from './lib/process.ts';
import { atMost, print } from './lib/table.ts';

const times = Array.from({ length: 3 }, () => {
  const began = performance.now();
  execFileSync('npm', ['start', '--silent', '--', '--once'], { stdio: ['ignore', 'ignore', 'inherit'] });
  return (performance.now() - began) / 1000;
});
const figures = [atMost('npm start -- --once, median of 3', median(times), 4, 's')];
print('Demonstration', figures);
process.exitCode = figures.every((figure) => figure.met) ? 0 : 1;
