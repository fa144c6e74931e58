import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// oxlint-disable-next-line import/no-default-export -- vitest reads its configuration from the default export.
export default defineConfig({
  // The path of the checkout may contain a symbolic link, see scripts/vitest.mjs.
  resolve: { preserveSymlinks: process.execArgv.includes('--preserve-symlinks') },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/system/**'], // These tests run on a whole Debian, see vitest.system.config.ts.
    // The limit only ends a test that hangs. It is long, because a busy machine may take ten times as long as an idle one.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // postconf(1) waits a second when Postfix is installed and has no configuration.
    env: { MAIL_CONFIG: join(import.meta.dirname, 'test', 'fixtures', 'postfix') },
    pool: 'forks',
    maxWorkers: 2,
  },
});
