// Imports every door of every installed package: a file that was not packed, or a door that leads nowhere, shows here.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

let doors = 0;
for (const name of ['@setpoint/apimachinery', 'setpoint', '@setpoint/controlplane', '@setpoint/testing']) {
  const manifest = JSON.parse(readFileSync(join('node_modules', name, 'package.json'), 'utf8'));
  for (const door of Object.keys(manifest.exports)) {
    if (door === './package.json') continue;
    const module = await import(join(name, door));
    if (Object.keys(module).length === 0 && !door.endsWith('/meta')) throw new Error(`${name} ${door} exports nothing`);
    doors++;
  }
}
console.log(`${doors} doors of the packed packages open`);
