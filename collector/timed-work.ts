/** Work that is done again and again, never twice at the same time. */
export interface TimedWork {
  /** Runs now; while a run is under way, after it. Throws what the work throws. */
  runOnce(): Promise<void>;
  /** Runs every so often, unless a run is still under way. Does nothing where it was started before. */
  start(everyMs: number): void;
  /** Waits for a run that is under way. */
  stop(): Promise<void>;
}

export function createTimedWork(options: {
  run: () => Promise<void>;
  /** Told of a run by the clock that failed. */
  onError: (error: unknown) => void;
}): TimedWork {
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function runOnce(): Promise<void> {
    while (running) await running.catch(() => undefined);
    running = options.run().finally(() => {
      running = undefined;
    });
    return running;
  }

  return {
    runOnce,
    start(everyMs) {
      if (timer) return;
      timer = setInterval(() => {
        if (!running) runOnce().catch(options.onError);
      }, everyMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await running?.catch(() => undefined);
    },
  };
}
