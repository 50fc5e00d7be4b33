import { expect, test } from 'vitest';
import { importLines } from '../../collector/cli/import-lines.ts';
import type { IngestAnswer } from '../../collector/contract/wire.ts';

async function* lines(...texts: string[]) {
  yield* texts;
}

/** Keeps everything and remembers what it was given. */
function keeper(dropped: IngestAnswer['dropped'] = []) {
  const batches: { id: string; name: string }[][] = [];
  const take = async (events: readonly unknown[]): Promise<IngestAnswer> => {
    batches.push(events as { id: string; name: string }[]);
    return { accepted: events.length - dropped.length, dropped };
  };
  return { batches, take };
}

const quiet = { onRead: () => {} };
const pageview = (path: string) => JSON.stringify({ name: 'pageview', url: `https://example.com${path}` });

test('import: sends each line as one event, and skips empty lines', async () => {
  const { batches, take } = keeper();
  const summary = await importLines(lines(pageview('/'), '', '  ', pageview('/pricing')), { take, ...quiet });
  expect(summary).toEqual({ read: 2, kept: 2, dropped: {}, bad: { count: 0, first: [] } });
  expect(batches).toHaveLength(1);
  expect(batches[0]).toHaveLength(2);
});

test('import: an event without an id gets the same one every time, and another one on another line', async () => {
  const one = keeper();
  const two = keeper();
  await importLines(lines(pageview('/'), pageview('/')), { take: one.take, ...quiet });
  await importLines(lines(pageview('/'), pageview('/')), { take: two.take, ...quiet });
  const ids = one.batches[0]?.map((event) => event.id);
  expect(two.batches[0]?.map((event) => event.id)).toEqual(ids);
  expect(new Set(ids).size).toBe(2);
});

test('import: an id of its own stays', async () => {
  const { batches, take } = keeper();
  await importLines(lines('{"id":"call-17","name":"call"}'), { take, ...quiet });
  expect(batches[0]?.[0]?.id).toBe('call-17');
});

test('import: at most 1,000 events and a megabyte go in one batch', async () => {
  const { batches, take } = keeper();
  await importLines(lines(...Array.from({ length: 2_100 }, (_, index) => pageview(`/${index}`))), { take, ...quiet });
  expect(batches.map((batch) => batch.length)).toEqual([1_000, 1_000, 100]);

  const large = keeper();
  // 300 lines of a little more than 8 kB are 2.4 MB: 124 of them fit into a megabyte less 16 kB (1,032,192 / 8,300 = 124).
  const long = JSON.stringify({ name: 'note', title: 'x'.repeat(8_192) });
  await importLines(lines(...Array.from({ length: 300 }, () => long)), { take: large.take, ...quiet });
  expect(large.batches.map((batch) => batch.length)).toEqual([124, 124, 52]);
});

test('import: names what is wrong by line, counts drops by reason, and goes on', async () => {
  const { take } = keeper([
    { index: 0, reason: 'bot' },
    { index: 1, reason: 'invalid', detail: 'name: Invalid input' },
    { index: 2, reason: 'bot' },
  ]);
  const summary = await importLines(
    lines('{"name":', pageview('/'), '', '{"event":"x"}', '[1]', pageview('/a'), '"text"', pageview('/b')),
    { take, ...quiet },
  );
  expect(summary).toEqual({
    read: 7,
    kept: 1,
    dropped: { bot: 2 },
    bad: {
      count: 4,
      first: [
        { line: 1, problem: 'It is not JSON.' },
        { line: 5, problem: 'It is not a JSON object.' },
        { line: 7, problem: 'It is not a JSON object.' },
        { line: 4, problem: 'name: Invalid input' },
      ],
    },
  });
});

test('import: names the first 20 bad lines and counts all', async () => {
  const { take } = keeper();
  const { bad } = await importLines(lines(...Array.from({ length: 25 }, () => 'no')), { take, ...quiet });
  expect([bad.count, bad.first.length, bad.first.at(-1)?.line]).toEqual([25, 20, 20]);
});

test('import: a dry run checks the shape of every line and sends nothing', async () => {
  const summary = await importLines(
    lines(pageview('/'), '{"url":"https://example.com"}', '{"name":"a","at":true}'),
    quiet,
  );
  expect([summary.kept, summary.bad.count]).toEqual([1, 2]);
  expect(summary.bad.first[0]).toMatchObject({ line: 2 });
});

test('import: a byte order mark in front of the first line is no mistake', async () => {
  const { take } = keeper();
  expect((await importLines(lines(`\uFEFF${pageview('/')}`), { take, ...quiet })).kept).toBe(1);
});
