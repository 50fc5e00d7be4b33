import { defineConfig } from 'vitest/config';

const slow = ['test/**/*.engine.test.ts', 'test/**/*.e2e.test.ts'];

/** `unit` needs nothing but Node, `engine` a real ClickHouse (the embedded one), `e2e` a browser and the built product. */
export default defineConfig({
  test: {
    // Two cores: more workers than that only make the time-outs of browser tests nervous.
    maxWorkers: 2,
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: slow, testTimeout: 20_000 } },
      {
        test: {
          name: 'engine',
          include: ['test/**/*.engine.test.ts'],
          globalSetup: ['test/support/global-engine.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
