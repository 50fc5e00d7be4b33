import { limits } from '../collector/contract/limits.ts';
import { watchAttention } from './attention.ts';
import type { PageView, Props } from './calls.ts';
import { createConsent } from './consent.ts';
import { createDebugLog } from './debug-log.ts';
import { createDelivery } from './delivery.ts';
import { watchForms } from './forms.ts';
import { listen } from './listen.ts';
import { watchMarkedEvents } from './marked-events.ts';
import { onLeave } from './on-leave.ts';
import { onPathChange } from './on-path-change.ts';
import { onReturn } from './on-return.ts';
import { randomId } from './random-id.ts';
import { safely } from './safely.ts';
import { scrollPercent } from './scroll-percent.ts';
import type { TagSettings } from './tag-settings.ts';
import type { Draft } from './to-batch.ts';
import { toProps } from './to-props.ts';
import { toUrl } from './to-url.ts';
import { whenSeen } from './when-seen.ts';
import { whySilent } from './why-silent.ts';

/** Takes the arguments of one `telltale(…)` call. */
export type Run = (args: ArrayLike<unknown>) => void;

/** One page before one visitor, from its coming to its going. */
interface View {
  _page: string;
  _path: string;
  _url: string;
  /** Number of the next event. */
  _seq: number;
  /** Its page view; without one there is no engagement to report. */
  _pageview?: Draft | undefined;
  /** The stopwatch when the view began. */
  _began: number;
  /** Deepest scroll, percent. */
  _scroll: number;
  /** Sum of the totals as last sent: a view that did not grow has nothing new to tell. */
  _told: number;
}

/** Wires one site's tracker to the page. Returns the function behind `telltale`. */
export function startTracker(settings: TagSettings): Run {
  const { site, hash, auto } = settings;
  const endpoint = `${settings.host.replace(/\/$/, '')}/e`;
  const needsConsent = settings.consent === 'required';
  const log = createDebugLog();
  const consent = createConsent(settings);
  const delivery = createDelivery({
    _endpoint: endpoint,
    _sender() {
      const granted = consent._state === 'granted';
      if (needsConsent && !granted) return undefined;
      return { site, sent: Date.now(), visitor: consent._visitor, consent: granted ? 'granted' : undefined };
    },
    _beforeSend(page) {
      if (view?._page !== page) return;
      settleTitle();
      measureScroll();
    },
    _addHit: log._add,
  });
  let view: View | undefined;
  /** Calls that came before the page was seen. */
  const early: ArrayLike<unknown>[] = [];

  const pathOf = (url: URL | Location) => url.pathname + (hash === undefined ? '' : url.hash);
  const measureScroll = () => {
    if (view) view._scroll = Math.max(view._scroll, scrollPercent());
  };

  function send(name: string, props?: Props, more?: Partial<Draft>): Draft | undefined {
    if (!view) return undefined;
    const silent = whySilent(settings, view._path);
    if (silent) {
      log._add(name, silent);
      return undefined;
    }
    const event = { name: name.slice(0, limits.nameLength), seq: view._seq++, props, ...more };
    delivery._add({ _page: view._page, _url: view._url, _at: Date.now(), _event: event });
    return event;
  }

  function openView(url = new URL(location.href)): View {
    const path = pathOf(url);
    // What follows # may be a secret, such as the token of a log-in, so it goes only where it is part of the path.
    if (hash === undefined) url.hash = '';
    const href = url.href.slice(0, limits.urlLength);
    return { _page: randomId(), _path: path, _url: href, _seq: 0, _began: attention(), _scroll: 0, _told: 0 };
  }

  function countView(more: Partial<Draft>, props?: Props): void {
    if (view) view._pageview = send('pageview', props, more);
  }

  function nextView(more: Partial<Draft> = {}, props?: Props): void {
    view = openView();
    if (auto !== 'false') countView(more, props);
  }

  /** Single-page apps set the title after the address (https://github.com/googleanalytics/autotrack/issues/229), so it is read late. */
  function settleTitle(): void {
    if (view?._pageview) view._pageview.title ??= document.title.slice(0, limits.titleLength);
  }

  function closeView(): void {
    if (!view) return;
    settleTitle();
    abandonForms();
    const engaged_ms = Math.round(attention() - view._began);
    const told = engaged_ms + view._scroll;
    if (view._pageview && told > view._told) send('engagement', { engaged_ms, scroll: view._scroll });
    view._told = told;
  }

  const attention = watchAttention();
  const abandonForms = watchForms(send);
  watchMarkedEvents(send);
  listen('scroll', measureScroll);

  whenSeen(() => {
    nextView({ ref: document.referrer.slice(0, limits.urlLength) || undefined });
    onPathChange(
      () => pathOf(location),
      () => {
        closeView();
        nextView();
      },
    );
    onReturn(() => nextView({}, { nav: 'bfcache' }));
    onLeave((gone) => {
      measureScroll();
      closeView();
      // The hiding that follows is not a new total.
      if (gone && view) view._pageview = undefined;
      delivery._leave(gone);
    });
    early.forEach(run);
  });

  function run(args: ArrayLike<unknown>): void {
    const [call, first, second] = Array.from(args);
    if (!view && call !== 'consent' && call !== 'debug') {
      early.push(args);
      return;
    }
    const note = (why: string) => {
      log._add(`${call}`, why);
    };
    const clean = (given: unknown) => toProps(given, (key) => note(`left out: ${key}`));
    const text = typeof first === 'string' && first;
    const identity = call === 'identify' ? clean(first) : undefined;
    // The id of a database is a number, the server's `id` a text.
    if (identity?.id) identity.id = `${identity.id}`;
    if (call === 'track' && text) send(text, clean(second));
    else if (identity) send('identify', undefined, { identity });
    else if (call === 'page') {
      const { url, title, props } = (first ?? {}) as PageView;
      const address = toUrl(url ?? location.href);
      if (!address) {
        note('ignored: url');
        return;
      }
      if (url || view?._pageview) {
        closeView();
        view = openView(address);
      }
      countView({ title: title && `${title}`.slice(0, limits.titleLength) }, clean(props));
    } else if (call === 'consent' && typeof first === 'boolean') {
      const changed = consent._state === 'denied' || !first;
      consent._decide(first && !whySilent(settings, ''));
      if (needsConsent && changed) {
        delivery._clear();
        if (view) nextView();
      }
      delivery._wake();
    } else if (call === 'reset') {
      delivery._clear();
      consent._renew();
    } else if (call === 'debug')
      log._print(
        `Telltale: site ${site}, sends to ${endpoint}, consent ${consent._state}, ${whySilent(settings, view ? view._path : '') || 'counting'}`,
      );
    else note('ignored');
  }

  return safely(run);
}
