import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const measuring = ['test/e2e/tracker/page-cost.e2e.test.ts'];
const slow = ['test/**/*.engine.test.ts', 'test/**/*.e2e.test.ts'];

/** Those that take minutes go first, so that at the end no worker waits for another. */
const longest = ['screens.e2e', 'detection-kill.e2e', 'chaos.e2e', 'month.engine', 'quarter.engine'];
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => longest.some((name) => moduleId.endsWith(`/${name}.test.ts`));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

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
    sequence: { sequencer: LongestFirst },
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
          exclude: measuring,
          testTimeout,
          hookTimeout,
          // After all others: what a browser does takes longer beside an engine at work.
          sequence: { groupOrder: 1 },
        },
      },
      // It measures milliseconds of a page, so nothing else runs meanwhile.
      { test: { name: 'measuring', include: measuring, testTimeout, hookTimeout, sequence: { groupOrder: 2 } } },
    ],
  },
});
