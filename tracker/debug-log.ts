/** One line of `telltale('debug')`; the names are the headings of its table. */
export interface Hit {
  what: string;
  answer: string;
}

export type AddHit = (what: string, answer: string) => Hit;

/** Remembers the last 20 requests, and calls that were ignored, with what became of them. Prints only when asked. */
export function createDebugLog(): { _add: AddHit; _print: (...heading: unknown[]) => void } {
  const hits: Hit[] = [];
  return {
    _add(what, answer) {
      const hit = { what, answer };
      if (hits.push(hit) > 20) hits.shift();
      return hit;
    },
    _print(...heading) {
      console.log('Telltale', ...heading);
      console.table(hits);
    },
  };
}
