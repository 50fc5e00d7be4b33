import { expect, test } from 'vitest';
import { parseMap } from '../../collector/import/csv.ts';
import { eventsOf, fixture, recordsOf } from './records.ts';

test('events: each line that holds something is one, whatever its end and wherever the pieces are cut', async () => {
  const text = '\uFEFF{"name":"a"}\r\n\n  \n{"name":"größe"}\n{"name":"c"}';
  for (const pieceBytes of [1, 3, 1_000]) {
    expect(await recordsOf('events', text, { pieceBytes })).toEqual([
      { number: 1, text: '{"name":"a"}' },
      { number: 4, text: '{"name":"größe"}' },
      { number: 5, text: '{"name":"c"}' },
    ]);
  }
});

test('access log: keeps page views with their own time, and counts what is no page view by reason', async () => {
  const records = await recordsOf('access-log', fixture('access.log'));
  const skipped = records.flatMap((record) => ('skip' in record ? [record.skip] : []));
  // Assets: style.css, logo.png, robots.txt, the feed. Methods: the POST, and the request that is a dash. Status: the 404.
  // The dash was answered with 408, but no method comes first.
  expect(skipped.toSorted()).toEqual(['asset', 'asset', 'asset', 'asset', 'method', 'method', 'status']);
  expect(records.filter((record) => 'problem' in record)).toEqual([
    { number: 17, problem: 'It is not a line of a combined access log.' },
  ]);
  const events = records.flatMap((record) => ('event' in record ? [record.event] : []));
  expect(
    events.map(({ at, url }) => [new Date(at ?? 0).toISOString(), url?.replace('https://www.example.com', '')]),
  ).toEqual([
    ['2015-05-17T10:00:00.000Z', '/'],
    ['2015-05-17T10:05:00.000Z', '/pricing?plan=pro'],
    ['2015-05-17T10:05:00.000Z', '/pricing?plan=pro'],
    ['2015-05-17T10:01:00.000Z', '/pricing'],
    ['2015-05-17T10:02:00.000Z', '/pricing'],
    ['2015-05-17T11:30:00.000Z', '/contact/'],
    ['2015-05-17T10:00:30.000Z', '/'],
    ['2015-05-18T09:00:00.000Z', '/'],
    ['2015-05-18T23:59:00.000Z', '/pricing'],
  ]);
  expect(events[0]).toMatchObject({ name: 'pageview', ref: 'https://www.google.com/search?q=salon', ip: '192.0.2.10' });
});

test('access log: a line keeps its id in a log that has grown at its start, and equal lines have different ones', async () => {
  const log = fixture('access.log').toString();
  const ids = (await eventsOf('access-log', log)).map(({ id }) => id);
  expect(new Set(ids).size).toBe(9);
  const older = log.split('\n')[0]?.replace('17/May', '16/May') ?? '';
  expect((await eventsOf('access-log', `${older}\n${log}`)).map(({ id }) => id).slice(1)).toEqual(ids);
});

test('access log: a request that names no browser is left to the rule for robots, and a proxy may ask for a whole address', async () => {
  const line = (asked: string) => `192.0.2.9 - - [17/May/2015:10:00:00 -0130] "${asked}" 200 - "-" "-"`;
  const [dash, proxied, double] = await eventsOf(
    'access-log',
    [line('GET / HTTP/1.0'), line('GET http://www.example.com/a?b=c HTTP/1.1'), line('GET //b HTTP/1.1')].join('\n'),
  );
  expect(dash).toMatchObject({ userAgent: '-', at: Date.UTC(2015, 4, 17, 11, 30) });
  expect(dash).not.toHaveProperty('ref');
  expect(proxied?.url).toBe('https://www.example.com/a?b=c');
  expect(double?.url).toBe('https://www.example.com//b');
});

test('csv: columns become fields and properties as --map says', async () => {
  const table =
    'When,What,Page,Who,Amount,Cur,Room\n2026-03-01T10:00:00Z,Booked,/book,ana,79.50,EUR,"blue, large"\n1772359260,Called,,ben,,,\n';
  const map = parseMap('at=When,name=What,url=Page,visitor=Who,value=Amount,currency=Cur,prop:room=Room');
  const events = await eventsOf('csv', table, { map });
  expect(events).toEqual([
    {
      id: expect.stringMatching(/^csv-\d+$/),
      name: 'Booked',
      at: '2026-03-01T10:00:00Z',
      url: 'https://www.example.com/book',
      visitor: 'ana',
      props: { value: '79.50', currency: 'EUR', room: 'blue, large' },
    },
    { id: expect.any(String), name: 'Called', at: 1_772_359_260_000, visitor: 'ben' },
  ]);
});

test('csv: names line and column of what is wrong', async () => {
  const table =
    'at,name,url,value\nyesterday,a,/,1\n2026-03-01,b,nowhere,1\n2026-03-01,c,/,much\n2026-03-01,,/,1\n2026-03-01,d\n';
  expect(await recordsOf('csv', table)).toEqual([
    { number: 2, problem: 'Column "at": "yesterday" is not a time such as 2026-09-01T12:00:00Z.' },
    { number: 3, problem: 'Column "url": "nowhere" is not an address such as https://example.com/pricing.' },
    { number: 4, problem: 'Column "value": "much" is not a number such as 79.50.' },
    { number: 5, problem: 'Column "name" is empty: every event needs a name.' },
    { number: 6, problem: 'It has 2 columns, and the header has 4.' },
  ]);
});

test('csv: says which columns there are when none fits', async () => {
  await expect(recordsOf('csv', 'Date,Event\n1,2\n')).rejects.toThrow(/--map .* Columns: Date, Event\./);
  await expect(recordsOf('csv', 'Date\n1\n', { map: parseMap('at=Day') })).rejects.toThrow(
    'The CSV has no column "Day". Its columns: Date.',
  );
  expect(() => parseMap('when=Date')).toThrow('--map knows no field "when".');
  expect(() => parseMap('at')).toThrow('"at" in --map is not field=column');
});

test('umami: rows of website_event become page views and named events of a session', async () => {
  const records = await recordsOf('umami', fixture('umami.csv'));
  expect(records.at(-1)).toEqual({ number: 6, problem: 'Column "session_id" is missing or empty.' });
  const events = records.flatMap((record) => ('event' in record ? [record.event] : []));
  expect(events.map(({ id, name, at, visitor, url }) => [id, name, at, visitor, url])).toEqual([
    ['e-1', 'pageview', '2026-03-01T10:00:00Z', '5f7c', 'https://www.example.com/?utm_source=news&utm_medium=email'],
    ['e-2', 'pageview', '2026-03-01T10:01:00Z', '5f7c', 'https://www.example.com/pricing'],
    ['e-3', 'booking_start', '2026-03-01T10:02:00Z', '5f7c', 'https://www.example.com/pricing'],
    ['e-4', 'pageview', '2026-03-01T11:00:00Z', '77aa', 'https://www.example.com/'],
  ]);
  expect(events[3]).toMatchObject({
    ref: 'https://www.google.com/search',
    device: 'mobile',
    country: 'FR',
    language: 'fr',
  });
  await expect(recordsOf('umami', 'url,visitors\n/,3\n')).rejects.toThrow('SELECT * FROM website_event');
});

test('plausible: rows of events_v2 become events, with money, engagement and properties', async () => {
  const events = await eventsOf('plausible', fixture('plausible-events.ndjson'));
  expect(events.map(({ name, at, visitor, props }) => [name, at, visitor, props])).toEqual([
    ['pageview', '2026-03-01T10:00:00Z', 'plausible-12205306193470923721', undefined],
    ['engagement', '2026-03-01T10:00:40Z', 'plausible-12205306193470923721', { engaged_ms: 38_000, scroll: 80 }],
    [
      'Booking',
      '2026-03-01T10:01:00Z',
      'plausible-12205306193470923721',
      { room: 'blue', value: 79.5, currency: 'EUR' },
    ],
    ['pageview', '2026-03-01T12:00:00Z', 'plausible-991', undefined],
  ]);
  expect(events[0]).toMatchObject({ ref: 'https://google.com', device: 'desktop', country: 'DE', browser: 'Safari' });
  expect(events[3]?.url).toBe('https://www.example.com/?utm_source=letter&utm_medium=email');
});

test('plausible: the export of daily sums is refused, with what works instead', async () => {
  await expect(recordsOf('plausible', fixture('plausible-pages.csv'))).rejects.toThrow(
    /sums for each day.*SELECT \* FROM events_v2.*access-log/s,
  );
});

test('ga4: rows of the BigQuery export become events, without what Google derives from them', async () => {
  const records = await recordsOf('ga4', fixture('ga4.ndjson'));
  expect(records[0]).toEqual({ number: 1, skip: 'not-a-page' });
  expect(records[4]).toEqual({ number: 5, problem: 'Field "event_timestamp" is not microseconds since 1970.' });
  const events = records.flatMap((record) => ('event' in record ? [record.event] : []));
  // 1,772,359,200 s is 2026-03-01 10:00:00 UTC.
  expect(events.map(({ name, at, url, props }) => [name, at, url, props])).toEqual([
    ['pageview', Date.UTC(2026, 2, 1, 10), 'https://www.example.com/?gclid=abc', {}],
    ['engagement', Date.UTC(2026, 2, 1, 10, 0, 30, 500), 'https://www.example.com/?gclid=abc', { engaged_ms: 12_000 }],
    [
      'purchase',
      Date.UTC(2026, 2, 1, 10, 1),
      'https://www.example.com/thanks',
      { value: 79.5, currency: 'EUR', coupon: 'SPRING', transaction_id: 'T-1' },
    ],
  ]);
  expect(events[0]).toMatchObject({
    title: 'Salon',
    device: 'mobile',
    browser: 'Safari',
    os: 'iOS',
    country: 'DE',
    language: 'de',
  });
  await expect(recordsOf('ga4', 'Page,Views\n/,3\n')).rejects.toThrow('newline-delimited JSON');
});
