import { describe, expect, it, vi } from 'vitest';
import { createTimedWork } from '../collector/timed-work.ts';

/** Work whose runs end when they are told to. */
function tally() {
  const ends: (() => void)[] = [];
  let most = 0;
  let under = 0;
  let runs = 0;
  const run = async () => {
    under += 1;
    runs += 1;
    most = Math.max(most, under);
    await new Promise<void>((resolve) => ends.push(resolve));
    under -= 1;
  };
  return { run, ends, seen: () => ({ most, runs }) };
}

describe('timed work', () => {
  it('is never done twice at the same time, and a call during a run gets a run of its own', async () => {
    const { run, ends, seen } = tally();
    const work = createTimedWork({ run, onError: () => undefined });
    const [first, second] = [work.runOnce(), work.runOnce()];
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    ends[0]?.();
    await first;
    await vi.waitFor(() => expect(ends).toHaveLength(2));
    ends[1]?.();
    await second;
    expect(seen()).toEqual({ most: 1, runs: 2 });
  });

  it('is done by the clock, skips a beat while a run is under way, and stops after the run it is in', async () => {
    vi.useFakeTimers();
    const { run, ends, seen } = tally();
    const work = createTimedWork({ run, onError: () => undefined });
    work.start(1_000);
    work.start(1_000);
    await vi.advanceTimersByTimeAsync(3_500);
    expect(seen()).toEqual({ most: 1, runs: 1 });
    let isStopped = false;
    const stopped = work.stop().then(() => {
      isStopped = true;
    });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(isStopped).toBe(false);
    ends[0]?.();
    await stopped;
    expect(seen().runs).toBe(1);
    vi.useRealTimers();
  });

  it('tells of a run by the clock that failed, and goes on', async () => {
    vi.useFakeTimers();
    const errors: unknown[] = [];
    const work = createTimedWork({
      run: () => Promise.reject(new Error('no database')),
      onError: (e) => errors.push(e),
    });
    work.start(1_000);
    await vi.advanceTimersByTimeAsync(2_500);
    expect(errors).toEqual([new Error('no database'), new Error('no database')]);
    await expect(work.runOnce()).rejects.toThrow('no database');
    await work.stop();
    vi.useRealTimers();
  });
});
