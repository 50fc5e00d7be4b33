/** A UInt64 as two whole numbers below 2^32. */
export interface Halves {
  high: number;
  low: number;
}

/** A decimal UInt64, as far as `end`. Without BigInt, because every event of an import comes by here several times. */
export function halvesOf(decimal: string, end = decimal.length): Halves {
  const middle = Math.max(end - 9, 0);
  const front = toNumber(decimal, 0, middle);
  const back = toNumber(decimal, middle, end);
  const low = (Math.imul(front, 1_000_000_000) + back) >>> 0;
  // The product has up to 64 bits and is rounded, by far less than what divides it.
  return { high: Math.round((front * 1_000_000_000 + back - low) / 2 ** 32), low };
}

function toNumber(decimal: string, start: number, end: number): number {
  let number = 0;
  for (let index = start; index < end; index++) number = number * 10 + decimal.charCodeAt(index) - zero;
  return number;
}

const zero = 0x30;
