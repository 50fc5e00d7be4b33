import { describe, expect, it } from 'vitest';
import { createRunningQuestions, toQueryId } from '../../dashboard/api/running-questions.ts';
import { progressWords, slowQuestions } from '../../dashboard/shell/progress-data.ts';

const question = (id: string, startedAt: number) => ({ id, site: 'shop', startedAt });

describe('slow questions', () => {
  it('are those that have run for one and a half seconds', () => {
    const running = [question('a', 0), question('b', 900)];
    // At 1,600 ms the first has run for 1,600 and the second for 700 of 1,500.
    expect(slowQuestions(running, 1_600)).toEqual({ slow: [question('a', 0)], nextInMs: 800 });
    expect(slowQuestions(running, 2_400)).toEqual({ slow: running, nextInMs: null });
    expect(slowQuestions([], 0)).toEqual({ slow: [], nextInMs: null });
  });

  it('tell the rows read of the rows to read, all together', () => {
    const progress = (rowsRead: number, rowsTotal: number) => ({ rowsRead, rowsTotal, elapsedMs: 1, queries: 1 });
    expect(progressWords([progress(2_000_000, 8_000_000), progress(1_000_000, 4_000_000)])).toEqual({
      text: '3M of 12M rows read',
      share: 0.25,
    });
    expect(progressWords([progress(0, 0)])).toEqual({ text: 'Waiting for the answer…', share: null });
  });

  it('are announced to those who listen, until they stop', () => {
    const running = createRunningQuestions();
    let calls = 0;
    const stop = running.subscribe(() => {
      calls += 1;
    });
    running.add(question('a', 0));
    expect(running.list()).toBe(running.list());
    running.remove('a');
    stop();
    running.add(question('b', 0));
    expect(calls).toBe(2);
    expect(running.list()).toEqual([question('b', 0)]);
  });

  it('have a UUID of version 4 as their id', () => {
    expect(toQueryId(new Uint8Array(16))).toBe('00000000-0000-4000-8000-000000000000');
    expect(toQueryId(new Uint8Array(16).fill(255))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
  });
});
