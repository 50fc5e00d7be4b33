import type { OverheardTool } from '../../collector/contract/names.ts';
import type { Props } from '../calls.ts';
import type { Core } from '../core.ts';
import type { Part } from '../intents/part.ts';
import { safely } from '../safely.ts';
import { wrapMethod } from '../wrap-method.ts';

/** What Google Tag Manager tells itself. The server knows more that is not the visitor's. */
const ofManager = /^gtm\./;
/** What these hold may be about a person, and the address of one is never in an event. */
const personal = /mail|phone|name|street|pass|^event/i;

/**
 * Understands what the page tells Google Analytics and Segment, where the owner wants that; what was told before too, as far as it is
 * still there. What is said of persons is left out.
 */
export default function overhear({ _send }: Core): Part {
  const tell = safely((via: OverheardTool, name: unknown, given: object | undefined) => {
    if (typeof name !== 'string' || ofManager.test(name)) return;
    const props: Props = {};
    for (const [key, value] of Object.entries({ ...given } as Props))
      if (/^(str|num|boo)/.test(typeof value) && !personal.test(key) && !/@/.test(`${value}`)) props[key] = value;
    _send(name, props, { via });
  });
  // gtag('event', 'purchase', {…}) is pushed as its arguments.
  const take = safely((entry: Pushed) => {
    if (entry[0] === 'event') tell('ga4', entry[1], entry[2] as object);
    else tell('ga4', entry.event, { ...entry, ...entry.ecommerce });
  });
  const page = window as unknown as Page;
  page.dataLayer ??= [];
  page.dataLayer.forEach(take);
  wrapMethod(page.dataLayer, 'push', (_, entries) => entries.forEach(take));
  page.analytics?.on?.('track', (name, props) => tell('segment', name, props));
  return { _onAct() {}, _onClose() {}, _forget() {} };
}

interface Pushed {
  [position: number]: unknown;
  event?: unknown;
  ecommerce?: object;
}

interface Page {
  dataLayer?: Pushed[];
  /** Segment's, or what stands in for it until it is loaded. */
  analytics?: { on?: (call: 'track', run: (name: unknown, props: object) => void) => void };
}
