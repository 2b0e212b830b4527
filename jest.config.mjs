/** Native ESM, TypeScript stripped by swc; workspace packages resolve to their sources by the `source` condition. */
export default {
  testEnvironment: 'node',
  // `import` is left out on purpose: with it CommonJS packages resolve to files that Jest cannot require.
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  testMatch: ['**/*.test.ts'],
  globalSetup: './test/support/fetch-servers.ts',
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/.data/', '/.cache/'],
  modulePathIgnorePatterns: ['/dist/', '/.data/', '/.cache/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  // For what hangs. No test's claim is a time, and a busy machine may be ten times as slow.
  testTimeout: 300_000,
};
