import type { Settings, Telltale } from './calls.ts';
import startIntents from './intents/whole.ts';
import { joinPage } from './join-page.ts';
import { safely } from './safely.ts';
import type { Run } from './start-tracker.ts';

export type { Identity, PageView, Props, Settings, Telltale } from './calls.ts';

let run: Run | undefined;
const early: unknown[][] = [];

/** Starts the tracker once; further calls do nothing, and so does every call outside a browser. */
export const init: (settings: Settings) => void = safely((settings) => {
  if (run || typeof window === 'undefined') return;
  const { site, host, consent, domains, exclude, auto, hash, cookieless, honourPrivacySignals, events } = settings;
  run = joinPage(
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
  for (const args of early) run(args);
});

/** Calls made before `init` wait for it. Outside a browser they do nothing. */
export const telltale: Telltale = (...args: unknown[]) => {
  if (run) run(args);
  else if (typeof window !== 'undefined') early.push(args);
};
