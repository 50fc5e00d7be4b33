import type { Call } from './messages.ts';

/** `window.telltale`: the stub of the page, or ours where it has none. These names are read across versions. */
export interface PageFunction {
  (...call: unknown[]): unknown;
  /** What was called, before a tracker was there and since. */
  q: Call[];
  /** By id, the sites that have a tracker here. */
  [site: string]: unknown;
}

declare global {
  var telltale: PageFunction;
}

/** What the page called, as far as we heard of it. */
export let calls: Call[];

/** Makes `window.telltale` collect calls until somebody takes them, and answers with those. */
export const collectCalls = (): Call[] =>
  // biome-ignore lint/suspicious/noAssignInExpressions: written twice it is more bytes for every visitor.
  (calls = (window.telltale ||= ((...call: never) => telltale.q.push(call)) as unknown as PageFunction).q ||= []);
