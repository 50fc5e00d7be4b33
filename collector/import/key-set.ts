/** Texts seen lately, in two generations: when the younger is full it becomes the older one, and the older one is forgotten. */
export interface KeySet {
  has(key: string): boolean;
  add(key: string): void;
}

/** Remembers at least `atLeast` of the latest keys. */
export function createKeySet(atLeast: number): KeySet {
  let young = new Set<string>();
  let old = new Set<string>();
  return {
    has: (key) => young.has(key) || old.has(key),
    add(key) {
      if (young.size >= atLeast) {
        old = young;
        young = new Set();
      }
      young.add(key);
    },
  };
}
