export interface FakeClock {
  now: () => number;
  /** Moves the clock forward. */
  advance(ms: number): void;
  set(at: number | string): void;
}

/** A clock that stands still until it is moved. Starts at noon UTC of 2026-09-01 unless told. */
export function fakeClock(start: number | string = '2026-09-01T12:00:00Z'): FakeClock {
  let time = typeof start === 'string' ? Date.parse(start) : start;
  return {
    now: () => time,
    advance(ms) {
      time += ms;
    },
    set(at) {
      time = typeof at === 'string' ? Date.parse(at) : at;
    },
  };
}
