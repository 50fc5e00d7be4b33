/** Flat properties of an event: text, number, yes or no. `value` with `currency` is money. Anything else is left out. */
export interface Props {
  [key: string]: string | number | boolean;
}

/** Who a visitor is. The named fields find or make the lead, every other one is a trait of it. */
export interface Identity {
  email?: string;
  phone?: string;
  name?: string;
  company?: string;
  /** Your own id of this person. */
  id?: string | number;
  [trait: string]: string | number | boolean | undefined;
}

/** A page view counted by hand. What is left out is taken from the page. */
export interface PageView {
  /** Absolute, or relative to the page. */
  url?: string;
  title?: string;
  props?: Props;
}

/** The public function. It never throws: a wrong call is ignored, and `telltale('debug')` tells about it. */
export interface Telltale {
  (call: 'track', name: string, props?: Props): void;
  (call: 'identify', identity: Identity): void;
  (call: 'page', view?: PageView): void;
  /** `true` starts to keep an id of this visitor, `false` forgets it; where consent is required, `false` also stops sending. */
  (call: 'consent', given: boolean): void;
  /** Forgets who this is, and what was not sent yet. For log-out. */
  (call: 'reset'): void;
  /** Prints the last 20 hits and the server's answers to the console. */
  (call: 'debug'): void;
}

/** Kinds of events that the tracker sends by itself, beside page views and engagement. */
export type AutoEvent = 'outbound' | 'downloads' | 'contacts' | 'forms' | 'notFound' | 'clicks' | 'dataLayer';

export interface Settings {
  /** The site's public id. */
  site: string;
  /** Where Telltale answers, such as `https://stats.example.com`. */
  host: string;
  /** Count only on these hosts and their sub-domains. Absent or empty: on all. */
  domains?: string[];
  /** Paths that are never counted; `*` is any run without `/`, `**` any run. */
  exclude?: string[];
  /** `false`: page views only by `telltale('page')`. */
  auto?: boolean;
  /** `true`: what follows `#` is part of the path, for routers that keep their state there. */
  hash?: boolean;
  /** What is told without being asked. Absent: all but `dataLayer`. */
  events?: AutoEvent[];
  /** `required`: nothing is sent before `telltale('consent', true)`. */
  consent?: 'none' | 'required';
  /** `true`: never keeps an id in the browser, even after consent. */
  cookieless?: boolean;
  /** `false`: count browsers that ask not to be tracked too. */
  honourPrivacySignals?: boolean;
}
