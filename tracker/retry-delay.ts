/** Milliseconds to wait after the n-th failure in a row: 2, 4, 8 … 64 s, moved by up to a quarter so that not all pages come back at once. */
export function retryDelayMs(failures: number, random: number): number {
  return Math.min(1_000 * 2 ** failures, 64_000) * (0.75 + random / 2);
}
