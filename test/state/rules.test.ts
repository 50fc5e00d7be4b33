import { expect, test } from 'vitest';
import { type Rule, rule as ruleSchema } from '../../collector/contract/rule.ts';
import { createEndpoint } from '../../collector/state/endpoints.ts';
import { defaultRules, loadRules } from '../../collector/state/rules.ts';
import { fakeClock } from '../support/clock.ts';
import { event, pageview } from '../support/factories.ts';
import { testState } from '../support/state.ts';

const booking = (more: Partial<Rule> = {}): Rule => ({
  ...ruleSchema.parse({
    name: 'Booking abandoned',
    intent: { event: 'booking_start' },
    complete: [{ event: 'booking_done' }],
    enabled: true,
  }),
  ...more,
});

async function setUp() {
  const clock = fakeClock('2026-09-01T12:00:00Z');
  const store = await testState(clock.now);
  return { clock, store, rules: await loadRules(store.state, clock.now) };
}

test('default rules: three, off, for pricing, forms and bookings', () => {
  expect(defaultRules().map(({ kind, wait, enabled, key }) => [kind, wait, enabled, key])).toEqual([
    ['browse', '24h', false, undefined],
    ['form', '30m', false, 'prop:form'],
    ['booking', '60m', false, 'prop:booking_id'],
  ]);
});

test('matchers: name intents and completions of the enabled rules of the site, and of no other', async () => {
  const { rules } = await setUp();
  await rules.create(1, booking());
  await rules.create(1, booking({ intent: { path: '**pric**' }, enabled: false }));
  const asked = (siteId: number, row: ReturnType<typeof event>) =>
    rules.matchersFor(siteId).some((matches) => matches(row));
  expect(asked(1, event('booking_start'))).toBe(true);
  expect(asked(1, event('booking_done'))).toBe(true);
  expect(asked(1, pageview({ path: '/pricing' }))).toBe(false);
  expect(asked(2, event('booking_start'))).toBe(false);
});

test('matchers: the same after a restart; completions stay asked for after the rule was changed or switched off', async () => {
  const { store, rules, clock } = await setUp();
  const { id } = await rules.create(1, booking());
  await rules.patch(1, id, { complete: [{ event: 'order_paid' }] });
  await rules.patch(1, id, { enabled: false });
  for (const book of [rules, await loadRules(await store.reopen(), clock.now)]) {
    const asked = (name: string) => book.matchersFor(1).some((matches) => matches(event(name)));
    // Cases made by the older versions may still be recovered; new ones are not started.
    expect(['booking_start', 'booking_done', 'order_paid'].map(asked)).toEqual([false, true, true]);
    expect(book.version(id, 1)?.complete).toEqual([{ event: 'booking_done' }]);
    expect(book.status(id)).toBe('disabled');
  }
});

test('watching: counts from when the rule was switched on with this intent, through changes of anything else', async () => {
  const { clock, rules } = await setUp();
  const { id } = await rules.create(1, booking({ enabled: false }));
  expect(rules.watching()).toEqual([]);
  clock.set('2026-09-02T00:00:00Z');
  await rules.patch(1, id, { enabled: true });
  clock.set('2026-09-03T00:00:00Z');
  await rules.patch(1, id, { wait: '2h' });
  const since = () => new Date(rules.watching()[0]?.sinceMs ?? 0).toISOString();
  expect(since()).toBe('2026-09-02T00:00:00.000Z');
  clock.set('2026-09-04T00:00:00Z');
  await rules.patch(1, id, { intent: { event: 'quote_start' } });
  expect(since()).toBe('2026-09-04T00:00:00.000Z');
});

test('patch: changes only what is named, takes an optional field away with null, and counts the version up', async () => {
  const { rules } = await setUp();
  const before = await rules.create(1, booking({ key: 'prop:booking_id', cooldown: '1d', wait: '5m' }));
  const after = await rules.patch(1, before.id, { name: 'Booking left', key: null });
  expect(after).toMatchObject({ name: 'Booking left', cooldown: '1d', wait: '5m', enabled: true, version: 2 });
  expect(after).not.toHaveProperty('key');
});

test.each<[string, Partial<Rule>, string]>([
  ['a completion that is the intent', { complete: [{ event: 'booking_start' }] }, 'complete.0'],
  ['an endpoint that does not exist', { followUps: [{ after: '0s', endpoint: 'end_nobody' }] }, 'followUps.0.endpoint'],
])('a rule with %s is refused, when made and when changed', async (_what, change, path) => {
  const { rules } = await setUp();
  const refusal = { code: 'invalid_request', details: [{ path }] };
  await expect(rules.create(1, booking(change))).rejects.toMatchObject(refusal);
  const { id } = await rules.create(1, booking());
  await expect(rules.patch(1, id, change)).rejects.toMatchObject(refusal);
  expect(rules.get(1, id).version).toBe(1);
});

test('a page view of every page and the event pageview are the same intent', async () => {
  const { rules } = await setUp();
  const rule = booking({ intent: { event: 'pageview', path: '/book' }, complete: [{ path: '/book' }] });
  await expect(rules.create(1, rule)).rejects.toMatchObject({ code: 'invalid_request' });
});

test('a change that makes no sense is refused with its place', async () => {
  const { rules } = await setUp();
  const { id } = await rules.create(1, booking());
  await expect(rules.patch(1, id, { wait: 'soon' })).rejects.toMatchObject({ details: [{ path: 'wait' }] });
  await expect(rules.patch(1, id, { complete: [] })).rejects.toMatchObject({ details: [{ path: 'complete' }] });
  await expect(rules.patch(1, id, { colour: 'red' })).rejects.toMatchObject({ code: 'invalid_request' });
});

test('rules of another site cannot be read, changed or deleted', async () => {
  const { rules } = await setUp();
  const { id } = await rules.create(1, booking());
  expect(() => rules.get(2, id)).toThrow(expect.objectContaining({ code: 'not_found' }));
  await expect(rules.patch(2, id, {})).rejects.toMatchObject({ code: 'not_found' });
  await expect(rules.remove(2, id)).rejects.toMatchObject({ code: 'not_found' });
});

test('an endpoint of another site cannot be written to', async () => {
  const { store, rules, clock } = await setUp();
  await store.state.db
    .insertInto('sites')
    .values({
      public_id: 'other',
      name: 'Other',
      domains: '[]',
      timezone: 'UTC',
      settings: '{}',
      created_at: '2026-09-01',
      first_event_at: null,
      deleted_at: null,
    })
    .execute();
  const theirs = await createEndpoint(store.state, {
    siteId: 2,
    endpoint: { name: 'Theirs', url: 'https://example.org/', events: [], enabled: true },
    nowMs: clock.now(),
  });
  const followUps = [{ after: '0s', endpoint: theirs.id }];
  await expect(rules.create(1, booking({ followUps }))).rejects.toMatchObject({ code: 'invalid_request' });
});
