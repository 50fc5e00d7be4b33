import type { Page } from 'playwright-core';
import { stopFocusEmulation } from '../../support/playwright-internals.ts';
import { until } from '../../support/product.ts';
import { tag, type Visit } from '../../support/visit.ts';

/** One page for every path: a button that tells of its click, and forms that come and go. */
export const pages = {
  '*': {
    head: tag(),
    body: `<h1>Page</h1><button id="button" data-tt-event="clicked">Click</button><form data-tt-form="search"><input name="q"></form>
      <div style="height:4000px">tall</div>
      <script>
        window.acts = {
          click(n) { button.setAttribute('data-tt-prop-n', n); button.click(); },
          track(n) { telltale('track', 'tracked', { n }); },
          type(name) {
            const form = document.createElement('form');
            form.dataset.ttForm = name;
            form.onsubmit = () => false;
            form.innerHTML = '<input name="company">';
            document.body.prepend(form);
            const field = form.firstChild;
            field.focus();
            field.value = 'ACME';
            field.dispatchEvent(new InputEvent('input', { bubbles: true }));
          },
          submit(name) { document.querySelector('[data-tt-form="' + name + '"]').requestSubmit(); },
          route(path) { history.pushState(null, '', path); },
          replace(path) { history.replaceState(null, '', path); },
          query(n) { history.replaceState(null, '', '?n=' + n); },
          scroll(n) { scrollTo(0, n % 4000); },
        };
      </script>`,
  },
};

type Act = [name: string, argument: string | number];

/** mulberry32 (public domain): the same numbers for the same seed, everywhere. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What happened, as the driver knows it, and never from the tracker: a name, and what tells one from the other. */
export type Ledger = string[];

/** Acts in the page between two of the browser: so many at most. */
const longestStretch = 30;

/**
 * Does so many random things as a visitor, and returns what a tracker should have seen of them. Of the things it does, clicks, typing
 * and routes happen in the page, the others (pages opened, reload, back, other tabs, no network) in the browser.
 */
export async function walkAtRandom(visit: Visit, options: { actions: number; seed: number }): Promise<Ledger> {
  const random = randomFrom(options.seed);
  const upTo = (limit: number) => Math.floor(random() * limit);
  const ledger: Ledger = [];
  const { page } = visit;
  /** Paths of the tab's history, and which of them is shown. */
  let visited: string[] = [];
  let shown = -1;
  let openForms: string[] = [];
  let number = 0;
  let offline = false;
  let other: Page | undefined;

  const abandonForms = () => {
    ledger.push(...openForms.map((form) => `form_abandon ${form}`));
    openForms = [];
  };
  const view = (path: string) => {
    abandonForms();
    ledger.push(`pageview ${path}`);
  };
  const goOn = (path: string) => {
    visited = [...visited.slice(0, shown + 1), path];
    shown = visited.length - 1;
    view(path);
  };

  const inPage: [weight: number, plan: () => Act][] = [
    [
      8,
      () => {
        ledger.push(`clicked ${++number}`);
        return ['click', number];
      },
    ],
    [
      4,
      () => {
        ledger.push(`tracked ${++number}`);
        return ['track', number];
      },
    ],
    [
      3,
      () => {
        const form = `form-${++number}`;
        ledger.push(`form_start ${form}`);
        openForms.push(form);
        return ['type', form];
      },
    ],
    [
      2,
      () => {
        const form = openForms.shift();
        if (!form) return ['scroll', ++number];
        ledger.push(`form_submit ${form}`);
        return ['submit', form];
      },
    ],
    [
      2,
      () => {
        const path = `/route/${++number}`;
        goOn(path);
        return ['route', path];
      },
    ],
    [
      1,
      () => {
        const path = `/replaced/${++number}`;
        visited[shown] = path;
        view(path);
        return ['replace', path];
      },
    ],
    [1, () => ['query', ++number]],
    [1, () => ['scroll', ++number]],
  ];
  const planOne = () => pick(inPage, random())();

  const inBrowser: [weight: number, run: () => Promise<unknown>][] = [
    [
      5,
      async () => {
        const path = `/page/${++number}`;
        goOn(path);
        await visit.goto(path);
      },
    ],
    [
      1,
      async () => {
        view(visited[shown] ?? '');
        await page.reload();
      },
    ],
    [3, () => travel(-1)],
    [1, () => travel(1)],
    [
      2,
      async () => {
        abandonForms();
        other ??= await visit.tabBeside();
        await lookAt(other, page, visit);
        await lookAt(page, other, visit);
      },
    ],
    [
      1,
      async () => {
        offline = true;
        await visit.context.setOffline(true);
      },
    ],
  ];

  /** Back or forward in the history. From the cache or loaded again, it is a view. */
  async function travel(by: -1 | 1): Promise<void> {
    const path = visited[shown + by];
    if (path === undefined) return;
    shown += by;
    view(path);
    await page.evaluate((steps) => history.go(steps), by);
    await until(
      async () =>
        (await page.evaluate(() => document.readyState === 'complete' && location.pathname).catch(() => '')) === path,
    );
  }

  await visit.goto('/page/0');
  goOn('/page/0');
  let done = 0;
  while (done < options.actions) {
    const stretch = Array.from({ length: 1 + upTo(Math.min(longestStretch, options.actions - done)) }, planOne);
    await act(page, stretch, upTo(4));
    done += stretch.length + 1;
    if (offline) {
      offline = false;
      await visit.context.setOffline(false);
    } else await pick(inBrowser, random())();
  }
  await visit.context.setOffline(false);
  abandonForms();
  return ledger;
}

function pick<Choice>(choices: [number, Choice][], random: number): Choice {
  let rest = random * choices.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, choice] of choices) {
    rest -= weight;
    if (rest < 0) return choice;
  }
  throw new Error('no choice');
}

/**
 * TRICKY: a person does not type before the page is there, a script does. The module that sees forms is loaded after the page, so the
 * first act waits until the browser has it.
 */
async function act(page: Page, acts: Act[], pauseMs: number): Promise<void> {
  await page.evaluate(
    async ([list, pause]) => {
      const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      // The module and its parts for forms, buttons, marks and, where there is `fetchLater`, for what outlives the page.
      const parts = 'fetchLater' in window ? 5 : 4;
      const isThere = () =>
        performance.getEntriesByType('resource').filter(({ name }) => name.includes('/t/v/')).length >= parts;
      for (let tries = 0; !isThere() && tries < 500; tries++) await sleep(10);
      const { acts } = window as unknown as { acts: Record<string, (argument: string | number) => void> };
      for (const [name, argument] of list) {
        acts[name]?.(argument);
        await sleep(pause);
      }
    },
    [acts, pauseMs] as const,
  );
}

async function lookAt(page: Page, instead: Page, { kind }: Visit): Promise<void> {
  if (kind.name === 'Chromium') await Promise.all([page, instead].map(stopFocusEmulation));
  await page.bringToFront();
  await instead.waitForFunction(() => document.hidden);
}
