// `npm run bench`: the figures of docs/figures.md, one script after the other; with names, only those.
import { run } from './lib/steps.ts';

const all = ['library', 'cache', 'controlplane'];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`there is no figure named ${unknown.join(', ')}; there are: ${all.join(', ')}`);
  process.exitCode = 2;
} else {
  for (const name of wanted.length > 0 ? wanted : all) {
    if ((await run('node', [`bench/${name}.ts`])) !== 0) process.exitCode = 1;
  }
}
