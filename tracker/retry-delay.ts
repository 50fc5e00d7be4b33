/** Milliseconds to wait after the n-th failure in a row: 2, 4, 8 s …, moved by up to a quarter so that not all pages come back at once. */
export function retryDelayMs(failures: number, random: number): number {
  return 2 ** failures * (750 + random * 500);
}
