import type { Draft, View } from './batch.ts';

/** A request that was made, for `telltale('debug')`: also what `fetch` was given. */
export interface Hit extends RequestInit {
  body?: string;
  _batch: Waiting[];
  /** Undefined: there was none, or nobody could hear it. */
  _answer?: Response;
}

/**
 * What the tracker knows of the page and its visitor. A script is one tracker, so all of it is one object, which the modules share; what
 * belongs to one file of the core only lies there.
 */
export interface State {
  /** The page view that is open: one page before one visitor, from its coming to its going. Undefined: nothing is counted here. */
  _view: View | false | undefined;
  /** Number of the next event of the view. */
  _seq: number;
  /** What the server has not confirmed, oldest first. */
  _queue: Waiting[];
  /** The persistent id, which is also the memory of the consent; `off`: this browser is left out for good. */
  _visitor: string | undefined;
  /** What the page said of consent. Undefined: nothing yet. */
  _consent: 'granted' | 'denied' | undefined;
  /** The last requests, newest first. The modules forget old ones. */
  _hits: Hit[];
}

export type Waiting = [view: View, event: Draft];

export const state = { _queue: [], _hits: [] } as unknown as State;
