import { describe, expect } from 'vitest';
import { browserKinds } from '../../support/browser.ts';
import { until } from '../../support/product.ts';
import { stub, tag, visitTest } from '../../support/visit.ts';

const pages = {
  '/buttons': {
    head: stub + tag(),
    body: `<button id="dead">Buy</button> <button id="opens" onclick="document.body.append('!')">Open</button>
      <button id="asks" onclick="fetch('/buttons')">Ask</button>
      <button id="goes" onclick="history.pushState(null, '', '?tab=2')">Go</button>
      <button id="styles" onclick="this.classList.add('done')">Style</button>
      <p id="words">Three clicks mark a line</p><input id="field"> <a id="link" href="#here">Here</a>
      <div data-tt-ignore><button id="ignored">Ignored</button></div>`,
  },
};

describe.each(browserKinds)('clicks in $name', { concurrent: true }, (kind) => {
  const test = visitTest(kind, { pages });

  test('a button that does nothing is told, one that changes, asks or goes anywhere is not', async ({ visit }) => {
    await visit.goto('/buttons');
    // The module is there: what was clicked before nobody has watched.
    await visit.page.click('#words');
    await visit.page.waitForFunction(() => performance.getEntriesByType('resource').length >= 4);
    // One click is watched at a time, so the dead button is clicked until it is its turn.
    const clickDead = (times: number) =>
      until(async () => {
        await visit.page.click('#dead');
        return visit.named('dead_click').length >= times;
      });
    for (const id of ['opens', 'styles', 'ignored', 'asks']) await visit.page.click(`#${id}`);
    await clickDead(1);
    await visit.page.click('#goes');
    await clickDead(2);
    for (const { props } of visit.named('dead_click')) expect(props).toEqual({ element: 'button#dead' });
  });

  test('three clicks in one place within a second are told once; marking a line or a field is none', async ({
    visit,
  }) => {
    await visit.goto('/buttons');
    // In Firefox three clicks from outside mark no line.
    const marking = kind.name === 'Firefox' ? ['field'] : ['field', 'words'];
    for (const id of marking) await visit.page.click(`#${id}`, { clickCount: 3 });
    await visit.page.click('#opens', { clickCount: 5 });
    await visit.arrived('rage_click');
    await visit.closeTab();
    await visit.fence();
    expect(visit.named('rage_click').map(({ props }) => props)).toEqual([{ element: 'button#opens' }]);
  });
});
