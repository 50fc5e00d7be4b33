import { expect, test } from 'vitest';
import type { EventRow } from '../../collector/contract/row.ts';
import { createLineWriter } from '../../collector/import/line-writer.ts';
import { blankRow } from '../../collector/ingest/draft.ts';

const row = (changed: Partial<EventRow>): EventRow => ({
  ...blankRow,
  site_id: 7,
  ts: '2026-03-01 10:00:00.123',
  visitor_id: '18446744073709551615',
  name: 'pageview',
  ...changed,
});

function written(rows: EventRow[]): string {
  const writer = createLineWriter();
  for (const one of rows) writer.write(one);
  return Buffer.concat(writer.take()).toString();
}

test('line writer: writes what a row holds as JSON, and leaves out what is empty', () => {
  const text = written([row({ path: '/pricing', value: 12.5, props: { room: '7', plan: '' } }), row({})]);
  expect(
    text
      .split('\n')
      .slice(0, 2)
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    {
      site_id: 7,
      ts: '2026-03-01 10:00:00.123',
      visitor_id: '18446744073709551615',
      session_id: '0',
      page_id: '0',
      device: 'other',
      channel: 'direct',
      name: 'pageview',
      path: '/pricing',
      value: 12.5,
      props: { room: '7', plan: '' },
    },
    expect.not.objectContaining({ path: expect.anything(), props: expect.anything() }),
  ]);
});

test('line writer: any text arrives as it was, also where it must be escaped or half a character is missing', () => {
  const titles = ['"quoted" \\ \t', 'Größe – 価格 💇', 'x\ud83d', '\u007f', '', 'a"'];
  const rows = titles.map((title) => row({ title, props: { [`${title}key`]: title } }));
  const lines = written([...rows, ...rows]).split('\n');
  expect(lines.pop()).toBe('');
  const again = lines.map((line) => JSON.parse(line) as Partial<EventRow>);
  expect(again.map(({ title = '' }) => title)).toEqual([...titles, ...titles]);
  expect(again.map(({ props = {} }) => Object.entries(props)[0])).toEqual(
    [...titles, ...titles].map((title) => [`${title}key`, title]),
  );
});

test('line writer: rows of the largest size fill one piece after the other, and none is cut', () => {
  const props = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`key-${index}`, 'x'.repeat(500)]));
  const writer = createLineWriter();
  for (let index = 0; index < 400; index++) writer.write(row({ seq: index, props }));
  const pieces = writer.take();
  expect(pieces.length).toBeGreaterThan(2);
  const lines = Buffer.concat(pieces).toString().trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as Partial<EventRow>).seq ?? 0)).toEqual(
    Array.from({ length: 400 }, (_, index) => index),
  );
  expect(writer.take()).toEqual([]);
});
