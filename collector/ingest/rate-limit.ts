import { addressBlock } from './client-address.ts';

/** A token bucket for each address: `burst` requests at once, `perSecond` in the long run. */
export interface Rate {
  perSecond: number;
  burst: number;
}

export interface RateLimit {
  /** Takes one token. Answers 0 where there was one, else the whole seconds until there is. */
  waitSeconds(address: string): number;
}

/** Addresses remembered. The one that was quiet the longest is forgotten first; its bucket has filled up in the meantime. */
const maxAddresses = 100_000;

export function createRateLimit({ perSecond, burst }: Rate, now: () => number): RateLimit {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    waitSeconds(address) {
      const key = addressBlock(address);
      const at = now();
      const before = buckets.get(key);
      const refill = before ? (Math.max(0, at - before.at) / 1000) * perSecond : burst;
      const tokens = Math.min(burst, (before?.tokens ?? 0) + refill);
      const taken = tokens >= 1;
      buckets.delete(key);
      buckets.set(key, { tokens: taken ? tokens - 1 : tokens, at });
      if (buckets.size > maxAddresses) {
        const quietest = buckets.keys().next().value;
        if (quietest !== undefined) buckets.delete(quietest);
      }
      return taken ? 0 : Math.ceil((1 - tokens) / perSecond);
    },
  };
}
