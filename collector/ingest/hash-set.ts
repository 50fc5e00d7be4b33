/** 64 bits as two whole numbers below 2^32. (0, …) marks a free place, so `high` is never 0. */
export type Key = readonly [high: number, low: number];

/** An open-addressing table of 64-bit keys, at most half full: a Set of texts or bigints would take five times the memory. */
export function createHashSet() {
  let slots = new Uint32Array(2 * 1024);
  let count = 0;

  function placeOf(table: Uint32Array, [high, low]: Key): number {
    const mask = table.length / 2 - 1;
    for (let place = low & mask; ; place = (place + 1) & mask) {
      const found = table[2 * place];
      if (found === 0 || (found === high && table[2 * place + 1] === low)) return 2 * place;
    }
  }

  function grow(): void {
    const larger = new Uint32Array(slots.length * 2);
    for (let place = 0; place < slots.length; place += 2) {
      const high = slots[place] ?? 0;
      if (high === 0) continue;
      const low = slots[place + 1] ?? 0;
      const target = placeOf(larger, [high, low]);
      larger[target] = high;
      larger[target + 1] = low;
    }
    slots = larger;
  }

  return {
    size: () => count,
    has: (key: Key) => slots[placeOf(slots, key)] !== 0,
    add(key: Key) {
      const place = placeOf(slots, key);
      if (slots[place] !== 0) return;
      slots[place] = key[0];
      slots[place + 1] = key[1];
      count += 1;
      if (count * 4 > slots.length) grow();
    },
  };
}
