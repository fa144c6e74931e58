import { defineConfig } from 'vitest/config';

// oxlint-disable-next-line import/no-default-export -- vitest reads its configuration from the default export.
export default defineConfig({
  // The path of the checkout may contain a symbolic link, see scripts/vitest.mjs.
  resolve: { preserveSymlinks: process.execArgv.includes('--preserve-symlinks') },
  test: {
    include: ['test/system/**/*.test.ts'],
    globalSetup: ['test/support/system/install.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: 'forks',
    fileParallelism: false,
  },
});
