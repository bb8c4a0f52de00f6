#!/usr/bin/env node
import { start } from './start.js';

const [command, ...flags] = process.argv.slice(2);
const plain = !flags.some((flag) => flag === '--' || flag === '--help' || flag === '-h');

// Who starts a control plane waits for it, and it needs nothing of the other commands.
await start(import.meta.url, command === 'controlplane' && plain ? 'serve' : 'main');
