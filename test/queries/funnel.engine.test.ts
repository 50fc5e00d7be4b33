import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { render, sql } from '../../collector/clickhouse/sql.ts';
import { type FunnelRequest, funnelPeopleRequest, funnelRequest } from '../../collector/contract/funnel.ts';
import type { EventRow } from '../../collector/contract/row.ts';
import { funnel, funnelSql } from '../../collector/queries/funnel.ts';
import { funnelNext } from '../../collector/queries/funnel-next.ts';
import { funnelPeople } from '../../collector/queries/funnel-people.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

let lastSite = 0;

/** `12:00:00.000 /pricing` is a page view, `12:00:01.000 buy` an event; both on the 1st of September 2026 UTC. `+1d` is a day later. */
async function siteWith(people: Record<string, string[]>, extra: Partial<EventRow> = {}): Promise<number> {
  lastSite += 1;
  const siteId = lastSite;
  await database.insert(
    Object.values(people).flatMap((lines, person) =>
      lines.map((line, number) => {
        const [, time = '', days, what = '', seq] = /^(\S+?)(\+1d)? ([^ #]+)(?: #(\d+))?$/.exec(line) ?? [];
        const [hours = '', minutes = '', seconds = '00.000'] = time.split(':');
        return {
          site_id: siteId,
          visitor_id: String(person + 1),
          page_id: String(number + 1),
          ts: `2026-09-0${days ? 2 : 1} ${hours}:${minutes}:${seconds}`,
          seq: Number(seq ?? 0),
          ...(what.startsWith('/') ? { path: what } : { name: what, path: '/checkout' }),
          ...extra,
        };
      }),
    ),
  );
  return siteId;
}

const stepsOf = (...steps: string[]) =>
  steps.map((step) => ({ match: step.startsWith('/') ? { path: step } : { event: step } }));

const requestOf = (steps: FunnelRequest['steps'], more: object = {}) =>
  funnelRequest.parse({ from: '2026-09-01', to: '2026-09-02', steps, ...more });

const counts = async (siteId: number, request: FunnelRequest, timezone = 'UTC') =>
  (await funnel(database.clickhouse, { siteId, timezone, request })).steps.map(({ count }) => count);

/** Every order, unit and exclusion with and without every other option. */
function optionCombinations(): Record<string, unknown>[] {
  const choices: [string, unknown[]][] = [
    ['order', ['ordered', 'strict', 'any']],
    ['by', ['visitor', 'session', 'lead']],
    ['exclude', [[], [{ match: { event: 'login' } }], [{ match: { event: 'login' }, between: [1, 3] }]]],
    ['optional', [false, true]],
    ['overlap', [false, true]],
  ];
  const all = choices.reduce<Record<string, unknown>[]>(
    (combinations, [name, values]) =>
      combinations.flatMap((combination) => values.map((value) => ({ ...combination, [name]: value }))),
    [{}],
  );
  const breakdowns = [undefined, 'country', 'entry_path', 'prop:plan', 'exit_path', 'event'];
  return all.map((combination, index) => ({
    ...combination,
    breakdown: breakdowns[index % breakdowns.length],
    trend: [undefined, 'hour', 'day', 'week', 'month'][index % 5],
    compare: [undefined, 'previous', 'year'][index % 4],
    filters: index % 3 === 0 ? [{ dimension: 'entry_path', op: 'is', value: ['/'] }] : [],
  }));
}

describe('funnel', () => {
  it('counts every visitor once, at the deepest step reached, with the time it took', async () => {
    const siteId = await siteWith({
      // 60 s to the second step, 30 s to the third.
      ana: ['12:00 /', '12:01 /pricing', '12:01:30.000 buy'],
      // 120 s; comes back later and gets no further.
      ben: ['12:00 /', '12:02 /pricing', '15:00 /'],
      // Looks at the first step three times.
      carla: ['12:00 /', '12:05 /', '12:10 /'],
      // Never starts: the price page without the home page before it.
      dora: ['12:00 /pricing', '12:01 /'],
      // Buys without having seen the price page.
      emil: ['12:00 /', '12:01 buy'],
    });
    const answer = await funnel(database.clickhouse, {
      siteId,
      timezone: 'UTC',
      request: requestOf(stepsOf('/', '/pricing', 'buy')),
    });
    expect(answer.steps).toMatchObject([
      {
        index: 1,
        name: '/',
        count: 5,
        rateFromFirst: 1,
        rateFromPrevious: 1,
        dropped: 3,
        secondsFromPrevious: null,
        value: null,
      },
      {
        index: 2,
        name: '/pricing',
        count: 2,
        rateFromFirst: 0.4,
        rateFromPrevious: 0.4,
        dropped: 1,
        // 60 and 120: the middle is 90, nine tenths of the way 114.
        secondsFromPrevious: { p50: 90, p90: 114, avg: 90 },
        value: null,
      },
      {
        index: 3,
        name: 'buy',
        count: 1,
        rateFromFirst: 0.2,
        rateFromPrevious: 0.5,
        dropped: 0,
        secondsFromPrevious: { p50: 30, p90: 30, avg: 30 },
        value: null,
      },
    ]);
  });

  it('answers a site without events with zeros', async () => {
    const answer = await funnel(database.clickhouse, {
      siteId: 999,
      timezone: 'UTC',
      request: requestOf(stepsOf('/', '/pricing')),
    });
    expect(
      answer.steps.map(({ count, dropped, secondsFromPrevious }) => [count, dropped, secondsFromPrevious]),
    ).toEqual([
      [0, 0, null],
      [0, 0, null],
    ]);
  });

  it('lets an attempt last for the window and not a millisecond longer', async () => {
    const siteId = await siteWith({
      ana: ['12:00:00.000 /', '13:00:00.000 buy'],
      ben: ['12:00:00.000 /', '13:00:00.001 buy'],
      // The first attempt runs out, the second does not.
      carla: ['11:00:00.000 /', '12:30:00.000 /', '13:00:00.001 buy'],
    });
    expect(await counts(siteId, requestOf(stepsOf('/', 'buy'), { window: '1h' }))).toEqual([3, 2]);
  });

  it('starts attempts inside the range only, and lets them end after it', async () => {
    const siteId = await siteWith({
      ana: ['23:59:59.999 /', '00:30+1d buy'],
      ben: ['00:00+1d /', '00:10+1d buy'],
      carla: ['00:00 /'],
    });
    expect(await counts(siteId, requestOf(stepsOf('/', 'buy'), { window: '1h' }))).toEqual([2, 1]);
  });

  it('takes dates in the time zone of the site', async () => {
    const siteId = await siteWith({
      // 22:30 UTC is half past midnight of the next day in Berlin.
      ana: ['22:30 /'],
      ben: ['21:30 /'],
    });
    const request = requestOf(stepsOf('/'));
    expect(await counts(siteId, request, 'UTC')).toEqual([2]);
    expect(await counts(siteId, request, 'Europe/Berlin')).toEqual([1]);
  });

  it('orders events of one millisecond by seq, and counts none of them after the other without it', async () => {
    const siteId = await siteWith({
      ana: ['12:00 / #1', '12:00 buy #2'],
      ben: ['12:00 / #2', '12:00 buy #1'],
      carla: ['12:00 / #1', '12:00 buy #1'],
    });
    expect(await counts(siteId, requestOf(stepsOf('/', 'buy')))).toEqual([3, 1]);
  });

  it('lets one event serve one step, also where it matches several', async () => {
    const siteId = await siteWith({ ana: ['12:00 /blog/a'], ben: ['12:00 /blog/a', '12:01 /blog/a'] });
    expect(await counts(siteId, requestOf(stepsOf('/blog/*', '/blog/a', '/**')))).toEqual([2, 1, 0]);
    expect(await counts(siteId, requestOf(stepsOf('/blog/a', '/blog/a')))).toEqual([2, 1]);
  });

  it('finds the chain although a later event of the same moment matches an earlier step too', async () => {
    // windowFunnel overwrites step 2 with the second /b and then misses /b/c at the same moment.
    const siteId = await siteWith({ ana: ['12:00 /a', '12:01 /b', '12:02 /b #1', '12:02 /b/c #1'] });
    expect(await counts(siteId, requestOf(stepsOf('/a', '/b', '/b/c')))).toEqual([1, 1, 1]);
  });

  it('counts sessions apart where asked to', async () => {
    lastSite += 1;
    const row = (session: string, ts: string, path: string) => ({ site_id: lastSite, session_id: session, ts, path });
    await database.insert([
      row('1', '2026-09-01 10:00:00.000', '/'),
      row('2', '2026-09-01 12:00:00.000', '/pricing'),
      row('3', '2026-09-01 14:00:00.000', '/'),
      row('3', '2026-09-01 14:01:00.000', '/pricing'),
    ]);
    const steps = stepsOf('/', '/pricing');
    expect(await counts(lastSite, requestOf(steps, { by: 'session' }))).toEqual([2, 1]);
    expect(await counts(lastSite, requestOf(steps))).toEqual([1, 1]);
  });

  it('matches wildcards, hosts and properties', async () => {
    lastSite += 1;
    const site_id = lastSite;
    await database.insert([
      { site_id, visitor_id: '1', ts: '2026-09-01 10:00:00.000', path: '/blog/2026/a', host: 'www.example.com' },
      { site_id, visitor_id: '2', ts: '2026-09-01 10:00:00.000', path: '/blog/a', host: 'example.com' },
      { site_id, visitor_id: '1', ts: '2026-09-01 10:01:00.000', name: 'signup', props: { plan: 'pro', note: '' } },
      { site_id, visitor_id: '2', ts: '2026-09-01 10:01:00.000', name: 'signup', props: { plan: 'free' } },
    ]);
    const count = (match: FunnelRequest['steps'][number]['match']) => counts(site_id, requestOf([{ match }]));
    expect(await count({ path: '/blog/*' })).toEqual([1]);
    expect(await count({ path: '/blog/**' })).toEqual([2]);
    expect(await count({ path: '/blog/?' })).toEqual([0]);
    expect(await count({ path: '/blog/**', host: '*.example.com' })).toEqual([1]);
    expect(await count({ event: 'signup', props: { plan: 'pro' } })).toEqual([1]);
    expect(await count({ event: 'signup', props: { note: '' } })).toEqual([1]);
  });

  it('sums what the matched events are worth', async () => {
    const siteId = await siteWith(
      { ana: ['12:00 /', '12:01 buy', '12:02 buy'], ben: ['12:00 /', '12:01 buy'] },
      { value: 19.99 },
    );
    const answer = await funnel(database.clickhouse, {
      siteId,
      timezone: 'UTC',
      request: requestOf(stepsOf('/', 'buy')),
    });
    // One purchase each: the second of ana's is not part of her way through the funnel.
    expect(answer.steps[1]?.value).toBe(39.98);
  });

  it('reads a filter on a page as a filter on sessions that saw it', async () => {
    lastSite += 1;
    const row = (visitor: string, at: string, path: string, country: string) => ({
      site_id: lastSite,
      visitor_id: visitor,
      ts: `2026-09-01 ${at}:00.000`,
      path,
      country,
    });
    await database.insert([
      row('1', '10:00', '/', 'DE'),
      row('1', '10:01', '/faq', 'DE'),
      row('1', '10:02', '/pricing', 'DE'),
      row('2', '10:00', '/', 'DE'),
      row('2', '10:01', '/pricing', 'DE'),
      row('3', '10:00', '/', 'FR'),
    ]);
    const filtered = (filters: FunnelRequest['filters']) =>
      counts(lastSite, requestOf(stepsOf('/', '/pricing'), { filters }));
    expect(await filtered([{ dimension: 'path', op: 'is', value: ['/faq'] }])).toEqual([1, 1]);
    expect(await filtered([{ dimension: 'path', op: 'is_not', value: ['/faq'] }])).toEqual([2, 1]);
    expect(await filtered([{ dimension: 'country', op: 'is', value: ['FR'] }])).toEqual([1, 0]);
  });

  it('compares with the day before, each day with its own attempts', async () => {
    const siteId = await siteWith({ ana: ['12:00 /', '12:01 buy'], ben: ['12:00 /'], carla: ['12:00+1d /'] });
    const request = requestOf(stepsOf('/', 'buy'), { from: '2026-09-02', to: '2026-09-03', compare: 'previous' });
    const answer = await funnel(database.clickhouse, { siteId, timezone: 'UTC', request });
    expect(answer.steps.map(({ count }) => count)).toEqual([1, 0]);
    expect(answer.comparison).toMatchObject({
      from: '2026-09-01T00:00:00.000Z',
      to: '2026-09-02T00:00:00.000Z',
      steps: [{ count: 2, dropped: 1 }, { count: 1 }],
    });
  });

  it('lets nothing but engagement lie between the steps of a strict funnel', async () => {
    const siteId = await siteWith({
      ana: ['12:00 /', '12:01 engagement', '12:02 /pricing', '12:03 buy'],
      ben: ['12:00 /', '12:01 /faq', '12:02 /pricing', '12:03 buy'],
      // Comes back and then goes straight on.
      carla: ['12:00 /', '12:01 /faq', '12:02 /', '12:03 /pricing', '12:04 form_field', '12:05 buy'],
    });
    const request = (order: string) => requestOf(stepsOf('/', '/pricing', 'buy'), { order });
    expect(await counts(siteId, request('strict'))).toEqual([3, 2, 1]);
    expect(await counts(siteId, request('ordered'))).toEqual([3, 3, 3]);
  });

  it('takes the steps as they come where any order will do', async () => {
    const siteId = await siteWith({
      ana: ['12:00 buy', '12:01 /pricing', '12:02 /'],
      // Never saw the first step, so none is reached.
      ben: ['12:00 /pricing', '12:01 buy'],
      // The two lie more than the window apart.
      carla: ['12:00 /pricing', '13:30 /'],
      // One page view cannot be both steps.
      dora: ['12:00 /'],
    });
    const answer = (...steps: string[]) => counts(siteId, requestOf(stepsOf(...steps), { order: 'any', window: '1h' }));
    expect(await answer('/', '/pricing', 'buy')).toEqual([3, 1, 1]);
    // `/` and `/*` fit the same events: ana has /pricing for the other, carla only within another hour.
    expect(await answer('/', '/*')).toEqual([3, 1]);
    expect(await answer('/*', '/')).toEqual([4, 1]);
  });

  it('ends an attempt at an exclusion, between the steps it is meant for', async () => {
    const siteId = await siteWith({
      ana: ['12:00 /', '12:01 login', '12:02 /pricing', '12:03 buy'],
      ben: ['12:00 /', '12:01 /pricing', '12:02 login', '12:03 buy'],
      carla: ['12:00 /', '12:01 /pricing', '12:02 buy', '12:03 login'],
      // The second attempt is free of it.
      dora: ['12:00 /', '12:01 login', '12:02 /', '12:03 /pricing', '12:04 buy'],
    });
    const answer = (between?: number[]) =>
      counts(
        siteId,
        requestOf(stepsOf('/', '/pricing', 'buy'), {
          exclude: [{ match: { event: 'login' }, ...(between ? { between } : {}) }],
        }),
      );
    expect(await answer()).toEqual([4, 3, 2]);
    expect(await answer([1, 2])).toEqual([4, 3, 3]);
    expect(await answer([2, 3])).toEqual([4, 4, 3]);
  });

  it('shows an optional step and never asks for it', async () => {
    const siteId = await siteWith({
      ana: ['12:00 /', '12:01 /faq', '12:02 buy'],
      ben: ['12:00 /', '12:02 buy', '12:03 /faq'],
      carla: ['12:00 /', '12:01 /faq'],
      dora: ['12:00 /'],
    });
    const [entry, faq, buy] = stepsOf('/', '/faq', 'buy');
    const steps = [entry, { ...faq, optional: true }, buy] as FunnelRequest['steps'];
    const answer = await funnel(database.clickhouse, { siteId, timezone: 'UTC', request: requestOf(steps) });
    // ben read the questions only after he had bought.
    expect(answer.steps.map(({ count, dropped }) => [count, dropped])).toEqual([
      [4, 1],
      [2, 1],
      [2, 0],
    ]);
    // Both bought two minutes after the entry: the optional step has no part in it.
    expect(answer.steps[2]).toMatchObject({ rateFromPrevious: 0.5, secondsFromPrevious: { p50: 120 } });
  });

  it('counts a lead once, over all its browsers, and leaves out who is nobody', async () => {
    const siteId = await siteWith({
      phone: ['12:00 /'],
      laptop: ['12:30 /pricing'],
      ben: ['12:00 /'],
      stranger: ['12:00 /'],
    });
    const request = requestOf(stepsOf('/', '/pricing'), { by: 'lead' });
    const leads = { visitors: ['1', '2', '3'], leads: ['70', '70', '80'] };
    const answer = await funnel(database.clickhouse, { siteId, timezone: 'UTC', request, leads });
    expect(answer.steps.map(({ count }) => count)).toEqual([2, 1]);
    const people = await funnelPeople(database.clickhouse, {
      siteId,
      timezone: 'UTC',
      leads,
      request: funnelPeopleRequest.parse({ ...request, step: 2, outcome: 'reached' }),
    });
    expect(people.items).toMatchObject([{ id: '70', visitor: '2', lastPath: '/pricing' }]);
    expect(await counts(siteId, request)).toEqual([0, 0]);
  });

  it('breaks down by the page on which the session of the entry began', async () => {
    const siteId = await siteWith({
      ana: ['11:59 /blog', '12:00 /', '12:01 buy'],
      ben: ['11:59 /blog', '12:00 /'],
      carla: ['12:00 /', '12:01 buy'],
    });
    const request = requestOf(stepsOf('/', 'buy'), { breakdown: 'entry_path' });
    const answer = await funnel(database.clickhouse, { siteId, timezone: 'UTC', request });
    expect(answer.breakdown?.map(({ key, steps }) => [key, ...steps.map(({ count }) => count)])).toEqual([
      ['/blog', 2, 1],
      ['/', 1, 1],
    ]);
  });

  it('sums up what is rarer than the 50 most frequent values, so that a breakdown adds up', async () => {
    lastSite += 1;
    await database.insert(
      Array.from({ length: 70 }, (_, visitor) => ({
        site_id: lastSite,
        visitor_id: String(visitor + 1),
        props: visitor < 3 ? {} : { plan: `plan ${visitor}` },
      })),
    );
    const request = requestOf(stepsOf('/'), { breakdown: 'prop:plan' });
    const { breakdown = [] } = await funnel(database.clickhouse, { siteId: lastSite, timezone: 'UTC', request });
    expect(breakdown).toHaveLength(51);
    expect(breakdown[0]).toMatchObject({ key: '', steps: [{ count: 3 }] });
    expect(breakdown[50]).toMatchObject({ key: '(other)', steps: [{ count: 18 }] });
  });

  it('draws a trend of the days on which attempts started, with zeros for the others', async () => {
    const siteId = await siteWith({ ana: ['12:00 /', '12:01 buy', '12:00+1d /'], ben: ['12:00 /'] });
    const request = requestOf(stepsOf('/', 'buy'), { to: '2026-09-04', trend: 'day' });
    const answer = await funnel(database.clickhouse, { siteId, timezone: 'Europe/Berlin', request });
    // ana counts on the day of her deepest attempt only.
    expect(answer.trend?.map(({ at, steps }) => [at, ...steps.map(({ count }) => count)])).toEqual([
      ['2026-08-31T22:00:00.000Z', 2, 1],
      ['2026-09-01T22:00:00.000Z', 0, 0],
      ['2026-09-02T22:00:00.000Z', 0, 0],
    ]);
  });

  it('says how the times are spread and what the lost ones would have brought', async () => {
    lastSite += 1;
    const row = (visitor: number, at: string, what: string, value = 0) => ({
      site_id: lastSite,
      visitor_id: String(visitor),
      ts: `2026-09-01 ${at}.000`,
      ...(what.startsWith('/') ? { path: what } : { name: what }),
      value,
    });
    await database.insert([
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((visitor) => row(visitor, '12:00:00', '/')),
      ...[1, 2, 3, 4].map((visitor) => row(visitor, '12:00:05', '/pricing')),
      row(1, '12:00:20', 'buy', 100),
      row(2, '12:02:00', 'buy', 60),
    ]);
    const request = requestOf(stepsOf('/', '/pricing', 'buy'));
    const question = { siteId: lastSite, timezone: 'UTC', request };
    const { steps } = await funnel(database.clickhouse, question);
    expect(steps[2]?.times?.filter(({ count }) => count > 0)).toEqual([
      { from: 10, to: 30, count: 1 },
      { from: 60, to: 120, count: 1 },
    ]);
    // A conversion brings 80. Of 8 at the entry 2 convert, of 4 at the price page 2.
    expect(steps.map(({ moneyAtRisk }) => moneyAtRisk)).toEqual([4 * 80 * (2 / 8), 2 * 80 * (2 / 4), 0]);
    const without = { ...question, request: requestOf(stepsOf('/', '/pricing')) };
    expect((await funnel(database.clickhouse, without)).steps[0]?.moneyAtRisk).toBeNull();
    const told = await funnel(database.clickhouse, { ...without, conversionValue: 10 });
    expect(told.steps[0]?.moneyAtRisk).toBe(4 * 10 * (4 / 8));
    const bare = await funnel(database.clickhouse, { ...question, request: { ...request, only: 'counts' } });
    expect(bare.steps).toMatchObject(
      steps.map(({ count, dropped, rateFromFirst, rateFromPrevious }) => ({
        ...{ count, dropped, rateFromFirst, rateFromPrevious },
        ...{ secondsFromPrevious: null, value: null },
      })),
    );
  });

  it.each(optionCombinations())('is a statement that the engine accepts: %j', async (options) => {
    const [entry, faq, buy] = stepsOf('/', '/faq', 'buy');
    const { optional, overlap, ...more } = options;
    const steps = [entry, { ...faq, optional }, buy, ...(overlap ? stepsOf('/**') : [])] as FunnelRequest['steps'];
    const request = requestOf(steps, more);
    const question = { siteId: 1, timezone: 'UTC', request, leads: { visitors: ['1'], leads: ['9'] } };
    const answer = await funnel(database.clickhouse, question);
    expect(answer.steps).toHaveLength(steps.length);
    const people = { ...question, request: funnelPeopleRequest.parse({ ...request, step: 2 }) };
    expect((await funnelPeople(database.clickhouse, people)).total).toBe(answer.steps[1]?.dropped);
    const next = await funnelNext(database.clickhouse, { ...question, request: { ...request, step: 2 } });
    expect(next.dropped).toBe(answer.steps[1]?.dropped);
  });

  it('works with 20 steps and with the longest window', async () => {
    const siteId = await siteWith({ ana: Array.from({ length: 20 }, (_, step) => `12:${10 + step} /step/${step}`) });
    const steps = stepsOf(...Array.from({ length: 20 }, (_, step) => `/step/${step}`));
    expect(await counts(siteId, requestOf(steps, { window: '90d' }))).toEqual(Array.from({ length: 20 }, () => 1));
  });

  it.each([
    [{ steps: [{ match: { path: '/' }, optional: true }] }, 'steps.0.optional'],
    [{ exclude: [{ match: { event: 'login' }, between: [1, 3] }] }, 'exclude.0.between'],
    [{ exclude: [{ match: { event: 'login' }, between: [2, 2] }] }, 'exclude.0.between'],
    [{ order: 'strict', exclude: [{ match: { event: 'engagement' } }] }, 'exclude.0.match'],
    [{ order: 'any', steps: Array.from({ length: 7 }, () => ({ match: { path: '/**' } })) }, 'steps'],
    [{ from: '2026-09-02', to: '2026-09-01' }, 'to'],
  ])('refuses %j, which makes no sense, and names the place', async (option, path) => {
    await expect(counts(1, requestOf(stepsOf('/', '/pricing'), option))).rejects.toMatchObject({
      code: 'invalid_request',
      details: [{ path }],
    });
  });

  it('reads selective steps from the projection that leads with name and path', async () => {
    const month = await testDatabase();
    // 300,000 page views of 100 pages by 10,000 visitors; a step is one page.
    await month.clickhouse.command(`INSERT INTO events (site_id, ts, visitor_id, session_id, page_id, seq, name, path)
      SELECT 1, toDateTime64('2026-09-01 00:00:00', 3, 'UTC') + toIntervalSecond(number % 2000000), cityHash64(number % 10000),
        number % 10000, number, 0, 'pageview', concat('/page/', toString(cityHash64(number) % 100)) FROM numbers(300000)`);
    const question = {
      siteId: 1,
      timezone: 'UTC',
      request: requestOf(stepsOf('/page/1', '/page/2'), { to: '2026-10-01' }),
    };
    const { rows } = await month.clickhouse.query<{ explain: string }>(
      sql`EXPLAIN indexes = 1 ${funnelSql(question)} SETTINGS force_optimize_projection_name = 'moments'`,
      { name: 'explain' },
    );
    expect(rows.map(({ explain }) => explain).join('\n')).toContain('ReadFromMergeTree (moments)');
    const { steps, rowsRead } = await funnel(month.clickhouse, question);
    expect(steps[0]?.count).toBeGreaterThan(1_000);
    expect(rowsRead).toBeLessThan(60_000);
    await month.drop();
  });

  it('puts no value of a request into the text of its statement', () => {
    const hostile = "'); DROP TABLE events; --";
    const request = requestOf([
      { match: { event: hostile, path: `${hostile}**`, host: hostile, props: { [hostile]: hostile } } },
    ]);
    expect(render(funnelSql({ siteId: 1, timezone: 'UTC', request })).text).not.toContain('DROP');
  });

  it.each(["'); DROP TABLE events; --", '\\E(*+?)[]{}|^$.\\', '/**/**/**a**b**c**d**', '{p1:String}', '\\Q'])(
    'takes the hostile pattern %j for a pattern',
    async (path) => {
      const match = { path, host: path, props: { [path.slice(0, 60)]: path } };
      expect(await counts(1, requestOf([{ match }, { match }]))).toEqual([0, 0]);
    },
  );
});

describe('the people behind a funnel', () => {
  const people = {
    ana: ['12:00 /', '12:01 /pricing', '12:05 buy'],
    ben: ['12:00 /', '12:03 /pricing'],
    carla: ['12:00 /', '12:02 /pricing', '12:02:30.000 /faq'],
    dora: ['12:00 /'],
  };
  const steps = stepsOf('/', '/pricing', 'buy');
  const list = (siteId: number, more: object) =>
    funnelPeople(database.clickhouse, {
      siteId,
      timezone: 'UTC',
      request: funnelPeopleRequest.parse({ ...requestOf(steps), ...more }),
    });

  it('are those who stopped there, the latest first, with where and when', async () => {
    const answer = await list(await siteWith(people, { source: 'news', country: 'AT', device: 'tablet' }), { step: 2 });
    expect(answer).toEqual({
      items: [
        {
          id: '2',
          visitor: '2',
          stoppedAt: '2026-09-01T12:03:00.000Z',
          reached: 2,
          lastPath: '/pricing',
          source: 'news',
          country: 'AT',
          device: 'tablet',
        },
        {
          id: '3',
          visitor: '3',
          stoppedAt: '2026-09-01T12:02:00.000Z',
          reached: 2,
          lastPath: '/pricing',
          source: 'news',
          country: 'AT',
          device: 'tablet',
        },
      ],
      total: 2,
      next: null,
    });
  });

  it('come page by page, each once, with the same total on every page', async () => {
    const siteId = await siteWith(people);
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await list(siteId, { step: 1, outcome: 'reached', limit: 1, ...(cursor ? { cursor } : {}) });
      expect(page.total).toBe(4);
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    } while (cursor);
    // Stopped: ana 12:05, ben 12:03, carla 12:02, dora 12:00.
    expect(ids).toEqual(['1', '2', '3', '4']);
  });

  it('speak of their latest attempt among equally deep ones', async () => {
    const siteId = await siteWith({ ana: ['09:00 /', '09:01 /pricing', '15:00 /', '15:07 /pricing', '18:00 /'] });
    const answer = await list(siteId, { step: 2 });
    expect(answer.items.map(({ stoppedAt }) => stoppedAt)).toEqual(['2026-09-01T15:07:00.000Z']);
  });

  it('are nobody after the last step', async () => {
    expect(await list(await siteWith(people), { step: 3 })).toEqual({ items: [], total: 0, next: null });
  });

  it.each(['x', '1.99999999999999999999', "1' OR 1"])('refuses the cursor %j', async (cursor) => {
    await expect(list(1, { step: 1, cursor })).rejects.toMatchObject({ details: [{ path: 'cursor' }] });
  });

  it('refuses a step the funnel does not have', async () => {
    await expect(list(1, { step: 4 })).rejects.toMatchObject({
      details: [{ path: 'step', message: 'There is no step 4: this funnel has 3 steps.' }],
    });
  });
});

describe('what those who dropped did next', () => {
  it('is the first page or event within the window, or an exit', async () => {
    const siteId = await siteWith({
      ana: ['12:00 /', '12:01 /faq', '12:02 /about'],
      ben: ['12:00 /', '12:01 engagement', '12:02 form_field', '12:03 call_me'],
      carla: ['12:00 /', '12:01 engagement'],
      // The next visit is after the window.
      dora: ['10:00 /', '12:00 /faq'],
      emil: ['12:00 /', '12:01 /faq'],
      // Does not drop.
      fred: ['12:00 /', '12:01 /pricing'],
    });
    const request = { ...requestOf(stepsOf('/', '/pricing'), { window: '1h' }), step: 1 };
    expect(await funnelNext(database.clickhouse, { siteId, timezone: 'UTC', request })).toEqual({
      dropped: 5,
      items: [
        { kind: 'exit', label: '(exit)', count: 2 },
        { kind: 'page', label: '/faq', count: 2 },
        { kind: 'event', label: 'call_me', count: 1 },
      ],
    });
  });
});
