import * as z from 'zod';
import { limits } from './limits.ts';
import type { DropReason } from './names.ts';
import type { Rule } from './rule.ts';

/** Body of `POST /sites/SITE/install/check`. */
export const installCheckRequest = z.strictObject({
  /** A page of the site that has the tag, as https://example.com/contact. */
  url: z
    .string()
    .max(limits.urlLength)
    .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), 'Write an address as https://example.com/.'),
});

/**
 * What is looked at, in this order. `page`: is the tag in the HTML? `policy`: does the page's content security policy let it work?
 * `script`: did the browser ask for it? `event`: did it run, and was its page view kept? `query`: does a question find it?
 */
export const installSteps = ['page', 'policy', 'script', 'event', 'query'] as const;
export type InstallStep = (typeof installSteps)[number];

/** What a step found; each belongs to one step, and its first word says which. `about` has the name, address or reason. */
export const installFindings = [
  'page-waiting',
  'page-found',
  /** More than one tag of this site; counts once all the same. */
  'page-found-twice',
  /** Not in the HTML, but it came all the same. */
  'page-late',
  /** Not in the HTML, but a tag manager is, which may bring it. */
  'page-manager',
  'page-missing',
  /** A tag of Telltale's, for the site in `about`. */
  'page-other-site',
  /** The server may not look at private addresses. */
  'page-private',
  /** The server could not read the page; `about` says why. */
  'page-unreadable',
  'policy-waiting',
  'policy-none',
  'policy-allows',
  /** `about` is what to add. */
  'policy-blocks-script',
  'policy-blocks-sending',
  /** The page is https and the script in `about` is not, which browsers refuse. */
  'policy-insecure',
  'policy-unknown',
  'script-waiting',
  'script-seen',
  /** The browser had it already. */
  'script-kept',
  /** In the page, and never asked for: a content blocker, or a consent banner that holds it back. */
  'script-blocked',
  /** Not in the page, and never asked for. */
  'script-missing',
  'event-waiting',
  'event-kept',
  /** `about` is the reason, `detail` a sentence. */
  'event-dropped',
  /** The script came and nothing was sent. */
  'event-missing',
  /** The same, and the site counts nobody before consent. */
  'event-needs-consent',
  /** The same, and the browser asks not to be tracked, which the site honours. */
  'event-privacy-signal',
  /** The same, and the site excludes this path. */
  'event-excluded',
  'query-waiting',
  'query-found',
  'query-late',
] as const;
export type InstallFinding = (typeof installFindings)[number];

export interface InstallStepState {
  step: InstallStep;
  /** `unknown`: it cannot be told, and the others decide. */
  state: 'waiting' | 'ok' | 'problem' | 'unknown';
  finding: InstallFinding;
  about?: string;
  detail?: string;
  /** Where `finding` is `event-dropped`. */
  reason?: DropReason;
}

export type WidgetKind = 'booking' | 'form' | 'chat';

export interface FoundForm {
  /** As in the property `form` of its events. */
  name: string;
  /** False: it has no name, and many a form is called like this. */
  isNamed: boolean;
  fields: number;
  asksForEmail: boolean;
}

export interface FoundWidget {
  name: string;
  kind: WidgetKind;
  /** Markup that tells Telltale when somebody has finished; null where none is known. */
  finish: string | null;
}

/** What the HTML of the page holds. What a script adds later is not in it. */
export interface FoundOnPage {
  forms: FoundForm[];
  widgets: FoundWidget[];
  /** Links by phone, mail and messenger. */
  contacts: number;
}

/** A rule that fits what was found; nothing is stored until it is posted to `/rules`. */
export interface OfferedRule {
  rule: Rule;
  /** What it was made for: the name of a form or widget, or the page's path. */
  from: string;
  /** Events of the last hour. */
  lastHour: { intents: number; completions: number };
  /** The rule of this site that watches for the same already. */
  existing: string | null;
}

/** Answer of `POST /sites/SITE/install/check` and of `GET /sites/SITE/install/check/TOKEN`. */
export interface InstallCheck {
  token: string;
  /** The page that is checked. */
  url: string;
  /** What to open in a browser: the page with the check parameter. It is never stored with an event. */
  openUrl: string;
  startedAt: string;
  /** `ok`: an event of this page was found in the database. `problem`: some step failed so far. `timeout`: nothing more is awaited. */
  state: 'waiting' | 'ok' | 'problem' | 'timeout';
  steps: InstallStepState[];
  /** Null until the page was read, and where it could not be. */
  found: FoundOnPage | null;
  offers: OfferedRule[];
}
