import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { wireBatch } from '../../collector/contract/wire.ts';
import { type Draft, toBody } from '../../tracker/batch.ts';
import { applySettings } from '../../tracker/settings.ts';
import { state } from '../../tracker/state.ts';

const at = (second: number) => 1_790_000_000_000 + second * 1_000;
const view = { page: 'p1', url: 'https://shop.example/' };

beforeEach(() => {
  vi.useFakeTimers({ now: at(10) });
  applySettings({ site: 'shop' }, 'https://stats.example');
});
afterEach(() => {
  vi.useRealTimers();
});

test('a body holds the events of one page view, its id once, and their times beside the time of sending', () => {
  const events: Draft[] = [
    { name: 'pageview', seq: 0, at: at(1), url: view.url, props: undefined },
    { name: 'cta', seq: 1, at: at(4), props: { plan: 'pro' } },
  ];
  const body = JSON.parse(
    toBody(
      view,
      events.map((event) => [view, event]),
    ),
  );
  expect(body).toEqual({
    v: 1,
    site: 'shop',
    sent: at(10),
    page: 'p1',
    events: [
      { name: 'pageview', seq: 0, at: at(1), url: 'https://shop.example/' },
      { name: 'cta', seq: 1, at: at(4), props: { plan: 'pro' } },
    ],
  });
  expect(wireBatch.safeParse(body).success).toBe(true);
});

test('the id of a visitor who agreed travels with the batch', () => {
  state._visitor = '123';
  expect(JSON.parse(toBody(view, [[view, { name: 'pageview', at: at(1) }]]))).toMatchObject({ visitor: '123' });
});
