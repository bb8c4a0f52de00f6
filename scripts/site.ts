// `npm run site`: docs/ as a site in build/site, with the API documentation beside it. `--without-api` leaves that out.
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { installTool } from './lib/tool.ts';

installTool('docs');
const run = (cwd: string, ...args: string[]) => execFileSync(process.execPath, args, { cwd, stdio: 'inherit' });
run('docs', 'node_modules/vitepress/bin/vitepress.js', 'build', '.');
if (!process.argv.includes('--without-api')) {
  run('.', 'scripts/docs.ts');
  cpSync('build/docs', 'build/site/api', { recursive: true });
}
console.log('The site is in build/site.');
