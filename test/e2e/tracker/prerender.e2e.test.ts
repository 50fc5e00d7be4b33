import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { build } from '../../../scripts/build.js';
import { chromiumPath } from '../../support/browser.ts';
import { startPages } from '../../support/pages.ts';
import { until } from '../../support/product.ts';
import { builtAssets, stub, tag } from '../../support/visit.ts';

const pages = {
  // Asks the browser to prerender the next page; when that has run, tells so and goes there.
  '/': {
    head: '<script type="speculationrules">{"prerender":[{"urls":["/pricing"],"eagerness":"immediate"}]}</script>',
    body: `<a id="next" href="/pricing">Pricing</a><script>
      const looking = setInterval(() => {
        if (!localStorage.getItem('ran')) return;
        clearInterval(looking);
        const body = JSON.stringify({ v: 1, site: 'shop', page: 'fence', events: [{ name: 'fence', seq: 0 }] });
        // Longer than the tracker gathers events.
        setTimeout(() => fetch('COLLECTOR/e', { method: 'POST', body }).then(() => document.getElementById('next').click()), 500);
      }, 20);
    </script>`,
  },
  '/pricing': {
    head: `${stub}<script>
        addEventListener('load', () => localStorage.setItem('ran', '1'));
        document.addEventListener('prerenderingchange', () => telltale('track', 'shown'));
      </script>${tag()}`,
    body: 'Pricing',
  },
};

beforeAll(() => build({ only: ['tracker'], quiet: true }).then(() => {}));

// Chromium prerenders nothing while DevTools look on, so the browser is on its own here. Firefox does not prerender.
test('a page that Chromium prerenders counts when it is shown, and once', async () => {
  const site = await startPages({ assets: builtAssets(), pages });
  const profile = mkdtempSync(join(tmpdir(), 'telltale-chromium-'));
  const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`];
  const browser = spawn(chromiumPath(), [...args, site.url('/')], { stdio: 'ignore' });
  const gone = new Promise((resolve) => browser.once('exit', resolve));
  try {
    const names = () => site.events().map(({ name }) => name);
    await until(
      () => names().includes('shown'),
      60_000,
      () => `the page was not shown: ${names()}`,
    );
    expect(names()).toEqual(['fence', 'pageview', 'shown']);
    expect(site.events()[1]?.url).toBe(site.url('/pricing'));
  } finally {
    browser.kill('SIGKILL');
    await gone;
    await site.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
});
