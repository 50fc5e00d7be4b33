/** A token bucket: `burst` at once, `perSecond` in the long run. Infinite: no limit. */
export interface Rate {
  perSecond: number;
  burst: number;
}

export interface RateLimit {
  /** Takes `count` tokens, all or none. Answers 0 where they were there, else the whole seconds until they are. */
  waitSeconds(key: string, count?: number): number;
}

/** At about 150 bytes each. Half of them at least are remembered; a bucket that is forgotten has mostly filled up in the meantime. */
const maxKeys = 100_000;

/** A bucket for each key: an address, or a site. */
export function createRateLimit({ perSecond, burst }: Rate, now: () => number): RateLimit {
  if (burst === Number.POSITIVE_INFINITY) return { waitSeconds: () => 0 };
  // Two generations: when the younger is full it becomes the older one, and the older one is forgotten.
  // TRICKY: deleting the first key of a Map for every new one would get slower with each, because looking for the first steps over
  // all that were deleted: a flood of addresses would cost 0.1 ms a request.
  let young = new Map<string, Bucket>();
  let old = new Map<string, Bucket>();

  function bucketOf(key: string, at: number): Bucket {
    const known = young.get(key);
    if (known) return known;
    const bucket = old.get(key) ?? { tokens: burst, at };
    if (young.size >= maxKeys / 2) {
      old = young;
      young = new Map();
    }
    young.set(key, bucket);
    return bucket;
  }

  return {
    waitSeconds(key, count = 1) {
      const at = now();
      const bucket = bucketOf(key, at);
      bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, at - bucket.at) / 1000) * perSecond);
      bucket.at = at;
      if (bucket.tokens < count) return Math.ceil((count - bucket.tokens) / perSecond);
      bucket.tokens -= count;
      return 0;
    },
  };
}

interface Bucket {
  tokens: number;
  /** When `tokens` was right, ms. */
  at: number;
}
