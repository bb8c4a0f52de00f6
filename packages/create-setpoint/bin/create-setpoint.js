#!/usr/bin/env node
import { start } from './start.js';

// A project that is made on a Node too old for operators brings one of its own.
await start(import.meta.url, 'create', '20.12');
