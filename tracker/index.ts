import type { Settings, Telltale } from './calls.ts';
import startIntents from './intents/whole.ts';
import { joinPage, type PageFunction } from './join-page.ts';
import { safely } from './safely.ts';

export type { Identity, PageView, Props, Settings, Telltale } from './calls.ts';

/** Starts the tracker once; further calls do nothing, and so does every call outside a browser. */
export const init: (settings: Settings) => void = safely((settings) => {
  if (typeof window === 'undefined') return;
  const { site, host, consent, domains, exclude, auto, hash, cookieless, honourPrivacySignals, events } = settings;
  joinPage(
    {
      site,
      host,
      consent,
      domains: domains?.join(),
      exclude: exclude?.join(),
      auto: `${auto ?? true}`,
      hash: hash ? '' : undefined,
      cookieless: cookieless ? '' : undefined,
      signals: honourPrivacySignals === false ? 'ignore' : undefined,
      events: events?.join(),
    },
    async () => ({ default: startIntents }),
  );
});

/** Calls made before `init` wait for it. Outside a browser they do nothing. */
export const telltale: Telltale = (...call: unknown[]) => {
  if (typeof window === 'undefined') return;
  const page = window as { telltale?: PageFunction };
  const q: unknown[][] = [];
  page.telltale ??= Object.assign((...early: unknown[]) => q.push(early), { q });
  page.telltale(...call);
};
