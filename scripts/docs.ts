// `npm run docs`: the API documentation as pages in build/docs, from the public doors of what an operator imports. The
// types of Kubernetes' own kinds are left out: https://kubernetes.io/docs/reference/kubernetes-api describes them.
//
// What writes it is installed apart, on the first run: it needs a TypeScript with a compiler API, and 40 MB that nobody
// else needs.
import { execFileSync } from 'node:child_process';
import { relative } from 'node:path';
import { doorsOf } from './lib/public-symbols.ts';
import { installTool } from './lib/tool.ts';

const tool = 'tools/api-docs';
const packages = ['packages/setpoint', 'packages/testing', 'packages/controlplane'];

installTool(tool);
const doors = packages.flatMap((folder) => [...doorsOf(folder).values()]).filter((file) => !file.includes('/builtin/'));
execFileSync(
  process.execPath,
  ['node_modules/typedoc/bin/typedoc', ...doors.flatMap((door) => ['--entryPoints', relative(tool, door)])],
  { cwd: tool, stdio: 'inherit' },
);
