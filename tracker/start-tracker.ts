import { limits } from '../collector/contract/limits.ts';
import { watchAttention } from './attention.ts';
import { bringIntents } from './bring-intents.ts';
import type { PageView, Props } from './calls.ts';
import { createConsent } from './consent.ts';
import type { LoadIntents } from './core.ts';
import { createDebugLog } from './debug-log.ts';
import { createDelivery } from './delivery.ts';
import { listen } from './listen.ts';
import { watchMarkedEvents } from './marked-events.ts';
import { onLeave } from './on-leave.ts';
import { onPathChange } from './on-path-change.ts';
import { onReturn } from './on-return.ts';
import { randomId } from './random-id.ts';
import { scrollPercent } from './scroll-percent.ts';
import type { TagSettings } from './tag-settings.ts';
import type { Draft } from './to-batch.ts';
import { toProps } from './to-props.ts';
import { whenSeen } from './when-seen.ts';
import { whySilent } from './why-silent.ts';

/** Takes the arguments of one `telltale(…)` call. Never throws. */
export type Run = (args: Iterable<unknown>) => void;

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
export function startTracker(settings: TagSettings, loadIntents: LoadIntents): Run {
  const { site, hash, auto } = settings;
  const endpoint = `${settings.host.replace(/\/$/, '')}/e`;
  const needsConsent = settings.consent === 'required';
  const log = createDebugLog();
  const consent = createConsent(settings);
  const attention = watchAttention();
  const delivery = createDelivery({
    _endpoint: endpoint,
    _sender() {
      const granted = consent._state === 'granted';
      if (needsConsent && !granted) return undefined;
      return { site, sent: Date.now(), visitor: consent._visitor, consent: granted ? 'granted' : undefined };
    },
    _beforeSend(head) {
      if (view !== head) return;
      intents._look();
      settleTitle();
      measureScroll();
    },
    _addHit: log._add,
  });

  const pathOf = (url: URL | Location) => url.pathname + (hash == null ? '' : url.hash);
  const openView = (address = location.href): View => {
    const url = new URL(address, location.href);
    const path = pathOf(url);
    // What follows # may be a secret, such as the token of a log-in, so it goes only where it is part of the path.
    if (hash == null) url.hash = '';
    const href = url.href.slice(0, limits.urlLength);
    return { _page: randomId(), _path: path, _url: href, _seq: 0, _began: attention(), _scroll: 0, _told: 0 };
  };
  let view = openView();

  const send = (name: string, props?: Props, more?: Partial<Draft>): Draft | undefined => {
    const silent = whySilent(settings, view._path);
    if (silent) {
      log._add(name, silent);
      return undefined;
    }
    const event = { name, seq: view._seq++, props, ...more };
    delivery._add({ _view: view, _at: Date.now(), _event: event });
    return event;
  };
  const intents = bringIntents(
    { _settings: settings, _send: send, _consent: () => consent._state },
    loadIntents,
    () => settings.events === '' || whySilent(settings, view._path),
  );
  watchMarkedEvents(send);

  const countView = (props?: Props, more?: Partial<Draft>) => {
    view._pageview = send('pageview', props, more);
  };
  const nextView = (props?: Props, more?: Partial<Draft>) => {
    view = openView();
    if (auto !== 'false') countView(props, more);
  };
  const closeView = () => {
    settleTitle();
    intents._close();
    const engaged_ms = Math.round(attention() - view._began);
    const told = engaged_ms + view._scroll;
    if (view._pageview && told > view._told) send('engagement', { engaged_ms, scroll: view._scroll });
    view._told = told;
  };

  /** Single-page apps set the title after the address (https://github.com/googleanalytics/autotrack/issues/229), so it is read late. */
  const settleTitle = () => {
    if (view._pageview) view._pageview.title ||= document.title.slice(0, limits.titleLength);
  };
  const measureScroll = () => {
    view._scroll = Math.max(view._scroll, scrollPercent());
  };
  listen('scroll', measureScroll);

  /** Calls that came before the page was seen. */
  let early: Iterable<unknown>[] | undefined = [];
  whenSeen(() => {
    nextView(undefined, { ref: document.referrer.slice(0, limits.urlLength) || undefined });
    onPathChange(
      () => pathOf(location),
      () => {
        closeView();
        nextView();
      },
    );
    onReturn(() => nextView({ nav: 'bfcache' }));
    onLeave((gone) => {
      measureScroll();
      closeView();
      // The hiding that follows is not a new total.
      if (gone) view._pageview = undefined;
      delivery._leave(gone);
    });
    const calls = early;
    early = undefined;
    calls?.forEach(run);
  });

  function run(args: Iterable<unknown>): void {
    const [call, first, second] = args;
    const note = (why: unknown) => log._add(`${call}`, `${why}`);
    const clean = (given: unknown) => toProps(given, note);
    try {
      if (call === 'debug') log._print(site, endpoint, consent._state, whySilent(settings, view._path));
      else if (call === 'consent' && typeof first === 'boolean') decide(first);
      else if (early) early.push(args);
      else if (call === 'track' && typeof first === 'string' && first) send(first, clean(second));
      else if (call === 'identify' && first === Object(first)) identify(clean(first));
      else if (call === 'page') {
        const { url, title, props } = (first ?? {}) as PageView;
        const next = openView(url);
        closeView();
        view = next;
        countView(clean(props), { title: title && `${title}` });
      } else if (call === 'reset') {
        delivery._clear();
        consent._renew();
      } else note('ignored');
    } catch (error) {
      note(error);
    }
  }

  function identify(identity: Props = {}): void {
    // The id of a database is often a number, the server's `id` is a text.
    if (identity.id) identity.id = `${identity.id}`;
    send('identify', undefined, { identity });
  }

  function decide(given: boolean): void {
    const restart = needsConsent && (!given || consent._state === 'denied');
    consent._decide(given && !whySilent(settings, ''));
    if (restart) {
      delivery._clear();
      if (!early) nextView();
    }
    delivery._wake();
  }

  return run;
}
