import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect } from 'vitest';
import { browserKinds } from '../../support/browser.ts';
import { stub, tag, visitTest } from '../../support/visit.ts';

const form = `<form data-tt-form="Quote" onsubmit="window.submitted = true; return false"><input name="company"><button>Send</button></form>`;
const noStorage = `Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });`;

const pages = {
  '/': { head: stub + tag(), body: form },
  '/frozen': {
    head: `<script>
        for (const kind of [History, HTMLFormElement, Element, Array, Map, String, EventTarget, Storage]) Object.freeze(kind.prototype);
      </script>${stub}${tag()}`,
    body: form,
  },
  '/broken-fetch': {
    head: `<script>
        window.fetch = () => { throw new Error('the page broke fetch'); };
        navigator.sendBeacon.toString = null;
      </script>${stub}${tag()}`,
    body: form,
  },
  '/odd-fetch': { head: `<script>window.fetch = () => 5;</script>${stub}${tag()}`, body: form },
  '/no-storage': { head: `<script>${noStorage}</script>${stub}${tag()}`, body: form },
  '/full-storage': {
    head: `<script>Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };</script>${stub}${tag()}`,
    body: form,
  },
  '/csp': {
    head: stub + tag(),
    body: form,
    headers: { 'content-security-policy': "script-src 'unsafe-inline' COLLECTOR; connect-src 'none'" },
  },
  '/csp-no-script': {
    head: stub + tag(),
    body: form,
    headers: { 'content-security-policy': "script-src 'unsafe-inline'" },
  },
  '/left': { head: '', body: 'Left' },
  '/outer': { head: '', body: '<iframe src="/" sandbox="allow-scripts"></iframe>' },
  '/early-body': { head: '', body: `${stub}${tag().replace('defer ', '')}${form}` },
  '/odd-elements': {
    head: stub + tag(),
    body: `<svg width="50" height="50"><a id="in-svg" href="#x"><rect width="50" height="50"/></a></svg>
      <form onsubmit="window.submitted = true; return false">
        <input name="attributes"><input name="getAttribute"><input name="id"><input name="closest"><button>Send</button></form>
      <script>
        window.odd = () => {
          for (const target of [document, window, document.createTextNode('x'), new EventTarget()])
            for (const name of ['input', 'change', 'click', 'submit', 'keydown', 'focusin']) target.dispatchEvent(new Event(name, { bubbles: true }));
        };
      </script>`,
  },
};

/** Where nothing can be sent, or nothing of ours runs. */
const uncounted = ['/csp', '/csp-no-script', '/outer'];

describe.each(browserKinds)('hostile pages in $name', { concurrent: true }, (kind) => {
  const test = visitTest(kind, { pages });

  // What the page does works as if we were not there; every test ends with a look at the errors that nobody caught.
  test.for(Object.keys(pages).filter((path) => path !== '/left'))('%s works as without us', async (path, { visit }) => {
    const { page } = visit;
    await visit.goto(path);
    if (path !== '/outer') {
      // By keyboard: the helpers of the browser's driver stumble over some of these pages themselves.
      await page.evaluate(() => document.querySelector('input')?.focus());
      await page.keyboard.type('ACME');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => (window as { submitted?: boolean }).submitted);
      expect(await page.evaluate(() => document.querySelector('input')?.value)).toBe('ACME');
    }
    await page.evaluate(() => {
      const given = window as unknown as { telltale?: (...args: unknown[]) => void; odd?: () => void };
      given.telltale?.('consent', true);
      given.telltale?.('track', 'clicked', { plan: 'pro' });
      given.odd?.();
      history.pushState({ kept: 1 }, '', '/moved');
    });
    expect(page.url()).toBe(visit.pages.url('/moved'));
    expect(await page.evaluate(() => history.state)).toEqual({ kept: 1 });
    await visit.goto('/left');
    if (uncounted.includes(path)) await visit.fence();
    else await visit.arrived('clicked');
  });

  test('a page from a file is opened without an error', async ({ visit }) => {
    const folder = mkdtempSync(join(tmpdir(), 'telltale-file-'));
    try {
      const file = join(folder, 'page.html');
      writeFileSync(
        file,
        `<!doctype html><title>File</title>${stub}<script src="${visit.pages.collector}/t/shop.js"></script>`,
      );
      await visit.page.goto(pathToFileURL(file).href);
      await visit.call('track', 'clicked');
      await visit.closeTab();
      await visit.fence();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
