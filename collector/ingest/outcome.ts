/** How the writing of a batch will end: whoever sends the same events meanwhile waits for it. */
export interface Outcome {
  settled: Promise<void>;
  succeed: () => void;
  fail: (error: unknown) => void;
}

export function newOutcome(): Outcome {
  let succeed = () => {};
  let fail = (_: unknown) => {};
  const settled = new Promise<void>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  // Mostly nobody waits for it.
  settled.catch(() => {});
  return { settled, succeed, fail };
}
