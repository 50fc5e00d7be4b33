import { expect, test } from 'vitest';
import { funnelRequest } from '../../collector/contract/funnel.ts';
import type { EventRow } from '../../collector/contract/row.ts';
import { createDetector } from '../../collector/detection/run.ts';
import { AppError } from '../../collector/errors.ts';
import { funnel } from '../../collector/queries/funnel.ts';
import { overview } from '../../collector/queries/overview.ts';
import { realtime } from '../../collector/queries/realtime.ts';
import { until } from '../../scripts/until.js';
import { acting } from '../support/acting.ts';
import { event, pageview } from '../support/factories.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

const start = (visitor: string, at: string) =>
  event('booking_start', { visitor, at, path: '/book', value: 40, props: { booking_id: visitor } });
const done = (visitor: string, at: string) =>
  event('booking_done', { visitor, at, value: 55, currency: 'EUR', props: { booking_id: visitor } });

test('what becomes of a case is a step of a funnel, with its money, and no visit of anybody', async () => {
  const { clock, arrive, detector, dispatcher, db } = await acting();
  await arrive(
    pageview({ visitor: 'ana', at: '10:00', path: '/pricing' }),
    start('ana', '10:01'),
    start('ben', '10:02'),
    done('ben', '10:20'),
    start('cleo', '10:03'),
  );
  const request = { from: '2026-09-01', to: '2026-09-05' };
  const counted = () =>
    overview(db.clickhouse, { siteId: 1, timezone: 'UTC', request: { ...request, interval: 'day' } });
  const before = await counted();
  clock.set('2026-09-01T11:10:00Z');
  await detector.runOnce();
  while ((await dispatcher.runOnce()) > 0);
  await arrive({ ...done('cleo', '2026-09-02T09:00:00Z'), session_id: '77' });
  clock.set('2026-09-02T09:01:00Z');
  await detector.runOnce();

  const steps = ['booking_start', 'abandonment', 'abandonment_notified', 'abandonment_recovered'];
  const answer = await funnel(db.clickhouse, {
    siteId: 1,
    timezone: 'UTC',
    request: funnelRequest.parse({
      ...request,
      window: '7d',
      steps: steps.map((name) => ({ match: { event: name } })),
    }),
  });
  // Ana and Cleo were abandoned; Cleo came back and completed 55.
  expect(answer.steps.map(({ count, value }) => [count, value])).toEqual([
    [3, 120],
    [2, 80],
    [2, 80],
    [1, 55],
  ]);
  const ofRule = await funnel(db.clickhouse, {
    siteId: 1,
    timezone: 'UTC',
    request: funnelRequest.parse({
      ...request,
      window: '7d',
      steps: [
        { match: { event: 'abandonment', props: { rule: 'Booking abandoned', state: 'abandoned' } } },
        { match: { event: 'abandonment_recovered', props: { state: 'recovered' } } },
      ],
    }),
  });
  expect(ofRule.steps.map(({ count }) => count)).toEqual([2, 1]);

  // Nobody was on the site at 11:10: the numbers are as before, but for Cleo's visit of the next day.
  const after = await counted();
  expect(after.series[0]).toEqual(before.series[0]);
  expect(after.totals).toMatchObject({ visitors: 3, events: before.totals.events + 1 });
  const now = await realtime(db.clickhouse, { siteId: 1, nowMs: Date.parse('2026-09-01T11:11:00Z') });
  expect(now.visitors).toBe(0);
});

test('the event of a transition is written once, whenever the writer dies and whatever the spool refuses', async () => {
  const { clock, arrive, deps, db } = await acting({ rule: { followUps: [] } });
  const written: EventRow[] = [];
  const fails: ('refuses' | 'dies after' | 'works')[] = ['refuses', 'dies after', 'works'];
  const detector = createDetector({
    ...deps,
    spool: {
      ...deps.spool,
      append: async (rows) => {
        const how = fails.shift() ?? 'works';
        if (how === 'refuses') throw new AppError('spool_full');
        await db.insert([...rows]);
        written.push(...rows);
        // As kill -9 between the append and the note that it is done: nothing of what follows happens.
        if (how === 'dies after') await new Promise(() => {});
      },
    },
  });
  await arrive(start('ana', '10:01'), start('ben', '10:02'));
  clock.set('2026-09-01T11:10:00Z');
  await expect(detector.runOnce()).rejects.toMatchObject({ code: 'spool_full' });
  expect(written).toHaveLength(0);
  // The cases are there, only their events are not.
  void detector.runOnce();
  await until(() => written.length === 2, 60_000);

  // The next process finds a reservation of somebody, waits until it has run out, and asks the database.
  const next = createDetector({
    ...deps,
    spool: { ...deps.spool, append: async (rows) => void written.push(...rows) },
  });
  await next.runOnce();
  expect(written).toHaveLength(2);
  clock.advance(2 * minute);
  await next.runOnce();
  expect(written).toHaveLength(2);
  expect(await deps.state.db.selectFrom('case_events').selectAll().execute()).toEqual([]);

  // Later transitions are written as ever.
  clock.advance(8 * day);
  await next.runOnce();
  expect(written.map(({ name }) => name)).toEqual([
    'abandonment',
    'abandonment',
    'abandonment_expired',
    'abandonment_expired',
  ]);
  expect(new Set(written.map(({ page_id }) => page_id)).size).toBe(4);
});

test('a program that makes more events than a person can is kept as a bot, and stops nobody else', async () => {
  const { clock, arrive, detector, cases } = await acting();
  const flood = Array.from({ length: 400 }, (_, index) =>
    event('booking_start', {
      visitor: 'robot',
      at: new Date(Date.parse('2026-09-01T10:01:00Z') + index * 500).toISOString(),
      props: { booking_id: 'same' },
    }),
  );
  await arrive(...flood, start('ana', '10:02'));
  clock.set('2026-09-01T11:10:00Z');
  await detector.runOnce();
  expect((await cases()).map(({ key, state, reason }) => [key, state, reason])).toEqual([
    ['same', 'suppressed', 'bot'],
    ['ana', 'abandoned', null],
  ]);
});
