/** One line of `telltale('debug')`; the names are the headings of its table. */
export interface Hit {
  what: string;
  answer: string;
}

/** Remembers the last 20 requests, and calls that were ignored, with what became of them. Prints only when asked. */
export function createDebugLog(): { _add: (what: string, answer: string) => Hit; _print: (heading: string) => void } {
  const hits: Hit[] = [];
  return {
    _add(what, answer) {
      const hit = { what, answer };
      hits.push(hit);
      if (hits.length > 20) hits.shift();
      return hit;
    },
    _print(heading) {
      console.log(heading);
      console.table(hits);
    },
  };
}
