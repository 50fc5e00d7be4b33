import { defineConfig } from 'vitest/config';

const slow = ['test/**/*.engine.test.ts', 'test/**/*.e2e.test.ts'];

/*
 * Far more than any test needs: on a busy machine everything takes longer, and a limit that is reached there tells nothing.
 */
const testTimeout = 300_000;
const hookTimeout = 300_000;

/** `unit` needs nothing but Node, `engine` a real ClickHouse (the embedded one), `e2e` a browser and the built product. */
export default defineConfig({
  test: {
    // Two cores: more workers than that only make the time-outs of browser tests nervous.
    maxWorkers: 2,
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: slow, testTimeout, hookTimeout } },
      {
        test: {
          name: 'engine',
          include: ['test/**/*.engine.test.ts'],
          globalSetup: ['test/support/global-engine.ts'],
          testTimeout,
          hookTimeout,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.test.ts'],
          testTimeout,
          hookTimeout,
          // After all others: what a browser does takes longer beside an engine at work.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
