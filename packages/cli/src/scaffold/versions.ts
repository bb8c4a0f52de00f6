/** What a new project depends on beside Setpoint: exactly what Setpoint itself is tested with. */
export const versions = {
  '@types/node': '24.19.2',
  typescript: '7.0.2',
  vitest: '5.1.1',
  zod: '4.6.7',
} as const;
