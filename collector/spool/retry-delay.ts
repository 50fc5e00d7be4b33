/**
 * How long to wait after the nth failure in a row: full jitter up to a limit that doubles from `firstMs` to `maxMs`, and never
 * less than `firstMs`, so that a database coming back is not met by a burst of connections.
 */
export function retryDelayMs(options: {
  failures: number;
  firstMs: number;
  maxMs: number;
  random: () => number;
}): number {
  const limit = Math.min(options.maxMs, options.firstMs * 2 ** Math.min(options.failures, 30));
  return Math.round(options.firstMs + options.random() * Math.max(0, limit - options.firstMs));
}
