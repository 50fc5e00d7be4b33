import { engagedMs, measureScroll, readClock, restart, scroll, visibleMs } from './attention.ts';
import type { More } from './batch.ts';
import type { Props } from './calls.ts';
import { pageview, send, setPageview, settleTitle } from './delivery.ts';
import { tell } from './messages.ts';
import { settings } from './settings.ts';
import { state } from './state.ts';
import { whySilent } from './why-silent.ts';

/** Sum of the totals as last sent: a view that did not grow has nothing new to tell. */
let told: number;

/** A page view begins. `url`: its address as far as it is told. */
export const openView = (url: string, props?: Props, more?: More, isCounted?: unknown): void => {
  // Unique among the views of a day: the moment, and 52 random bits. `crypto.randomUUID` would need a secure context.
  state._view = !whySilent(settings, state._visitor, url) && { page: `${Date.now()}${Math.random()}`, url };
  restart();
  state._seq = told = 0;
  setPageview(RICH && !isCounted ? undefined : send('pageview', props, more));
};

/** The totals so far, up to date. */
export const totals = (): Props => {
  readClock();
  measureScroll();
  return { engaged_ms: engagedMs, visible_ms: visibleMs, scroll };
};

/** The visitor turns away: sends the totals where they grew. `gone`: nothing more is told of this view. */
export const closeView = (gone?: unknown): void => {
  settleTitle();
  const props = totals();
  // biome-ignore lint/suspicious/noAssignInExpressions: written twice it is more bytes for every visitor.
  if (pageview && told < (told = visibleMs + engagedMs + scroll)) send('engagement', props);
  tell([]);
  if (gone) setPageview();
};
