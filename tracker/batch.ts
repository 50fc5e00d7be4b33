import type { WireEvent } from '../collector/contract/wire.ts';
import { settings } from './settings.ts';
import { state, type Waiting } from './state.ts';

/** An event while it waits; undefined fields are left out of the JSON. */
export type Draft = { [Field in keyof WireEvent]: WireEvent[Field] | undefined } & { name: string; at: number };

/** What an event may say beside its name and properties; `at` is when it happened by the clock of the page, absent: now. */
export type More = Partial<Pick<Draft, 'ref' | 'title' | 'identity' | 'via' | 'at'>>;

/** A page view: its id, and its address as far as it is told. */
export interface View {
  page: string;
  url: string;
}

/**
 * Events of one page view as one request body. Their times are by the clock of the page and `sent` is that clock now, so a body is
 * written anew for every try. An event's id is its page and number, so the server knows a repeat.
 */
export const toBody = (view: View, batch: Waiting[]): string =>
  JSON.stringify({
    v: 1,
    site: settings.site,
    sent: Date.now(),
    visitor: state._visitor,
    page: view.page,
    events: batch.map(([, event]) => event),
  });
