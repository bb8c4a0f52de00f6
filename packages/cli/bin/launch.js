#!/usr/bin/env node
// Stands in for `etcd` or `kube-apiserver`, whichever is named first; `setpoint envtest-assets` makes executables of it.
import { start } from './start.js';

await start(import.meta.url, 'launch');
