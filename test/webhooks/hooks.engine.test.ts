import { expect, test } from 'vitest';
import type { Rule } from '../../collector/contract/rule.ts';
import { createEndpoint } from '../../collector/state/endpoints.ts';
import { acting } from '../support/acting.ts';
import { event } from '../support/factories.ts';

const start = (at: string) => event('booking_start', { at, path: '/book', props: { booking_id: 'b1' } });
const done = (at: string) => event('booking_done', { at, path: '/done', props: { booking_id: 'b1' } });

/** The booking rule without follow-ups of its own, and three no-code automations that have subscribed. */
async function subscribed(rule: Partial<Rule> = {}) {
  const all = await acting({ rule: { followUps: [], ...rule } });
  const subscribe = (path: string, type: 'abandonment.created' | 'abandonment.recovered' | 'lead.created') =>
    createEndpoint(all.store.state, {
      siteId: 1,
      kind: 'hook',
      endpoint: { name: path, url: `${all.receiver.url}/${path}`, events: [type] },
      nowMs: all.clock.now(),
    });
  await subscribe('created', 'abandonment.created');
  await subscribe('recovered', 'abandonment.recovered');
  await subscribe('leads', 'lead.created');
  return all;
}

test('hooks: a subscription gets the abandonments of every rule, and another one their recoveries, each once', async () => {
  const { clock, arrive, detector, dispatcher, got, receiver } = await subscribed();
  await arrive(start('10:01'));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  await dispatcher.runOnce();
  expect(got()).toEqual(['abandonment.created b1 1']);
  expect(receiver.received[0]?.message.data).toMatchObject({ followUp: 1, followUps: 1 });
  await arrive(done('11:30'));
  clock.set('2026-09-01T11:45:00Z');
  for (let tick = 0; tick < 3; tick += 1) {
    await detector.runOnce();
    await dispatcher.runOnce();
  }
  expect(got()).toEqual(['abandonment.created b1 1', 'abandonment.recovered b1 1']);
  expect(receiver.received[1]?.message.data.id).toBe(receiver.received[0]?.message.data.id);
});

test('hooks: whoever the rule does not write to, its subscriptions do not hear of either', async () => {
  const { clock, arrive, detector, dispatcher, got, history } = await subscribed({ audience: 'identified' });
  await arrive(start('10:01'));
  clock.set('2026-09-01T11:01:00Z');
  await detector.runOnce();
  await dispatcher.runOnce();
  expect(got()).toEqual([]);
  expect(await history()).toEqual(['waiting', 'suppressed (not-identified)']);
});
