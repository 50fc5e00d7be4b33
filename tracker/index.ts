import type { Settings, Telltale } from './calls.ts';
import wholeModule from './intents/whole.ts';
import { bringFrom } from './modules.ts';
import { collectCalls } from './page-function.ts';
import { livePage } from './page-life.ts';
import { safely } from './safely.ts';
import { applySettings } from './settings.ts';

export type { Identity, PageView, Props, Settings, Telltale } from './calls.ts';

/** Starts the tracker once; further calls do nothing, and so does every call outside a browser. */
export const init: (settings: Settings) => void = safely((settings) => {
  if (typeof window === 'undefined') return;
  const { site, host, consent, domains, exclude, auto, hash, cookieless, honourPrivacySignals, events } = settings;
  bringFrom(async () => ({ default: wholeModule }));
  applySettings(
    {
      site,
      consent,
      domains: domains?.join(),
      exclude: exclude?.join(),
      auto: `${auto ?? true}`,
      hash: hash ? '' : undefined,
      cookieless: cookieless ? '' : undefined,
      signals: honourPrivacySignals === false ? 'ignore' : undefined,
      events: events?.join(),
    },
    host,
  );
  livePage();
});

/** Calls made before `init` wait for it. Outside a browser they do nothing. */
export const telltale: Telltale = (...call: unknown[]) => {
  if (typeof window === 'undefined') return;
  collectCalls();
  window.telltale(...call);
};
