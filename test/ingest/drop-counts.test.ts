import { expect, test } from 'vitest';
import { createDropCounts } from '../../collector/ingest/drop-counts.ts';
import { createLog } from '../../collector/log.ts';
import { addDropped, listDropped, type QuarterDrops } from '../../collector/state/dropped-events.ts';
import { testState } from '../support/state.ts';
import { openDoor, view } from './door.ts';

const noon = Date.parse('2026-09-01T12:00:00Z');
const minute = 60_000;
const log = createLog('silent');

test('drops: what is not kept is counted by reason and quarter of an hour, the most frequent first', async () => {
  const clock = { ms: noon };
  const { state, site } = await testState(() => clock.ms);
  const drops = createDropCounts({ write: (counts) => addDropped(state, counts), now: () => clock.ms, log });
  for (const reason of ['bot', 'bot', 'bot', 'origin'] as const) drops.count(site.id, reason);
  await drops.flush();
  clock.ms = noon + 14 * minute;
  drops.count(site.id, 'bot');
  await drops.flush();
  clock.ms = noon + 15 * minute;
  drops.count(site.id, 'consent');
  await drops.close();

  const during = (fromMs: number, toMs: number) => listDropped(state, { siteId: site.id, fromMs, toMs });
  expect(await during(noon, noon + 15 * minute)).toEqual([
    { reason: 'bot', count: 4 },
    { reason: 'origin', count: 1 },
  ]);
  expect(await during(noon + 15 * minute, noon + 30 * minute)).toEqual([{ reason: 'consent', count: 1 }]);
  expect(await during(noon - 60 * minute, noon)).toEqual([]);
  expect(await listDropped(state, { siteId: site.id + 1, fromMs: 0, toMs: noon * 2 })).toEqual([]);
});

test('drops: what could not be written is written the next time, once', async () => {
  const written: QuarterDrops[][] = [];
  let full = true;
  const drops = createDropCounts({
    write: async (counts) => {
      if (full) throw new Error('the disk is full');
      written.push([...counts]);
    },
    now: () => noon,
    log,
  });
  drops.count(1, 'bot');
  await drops.flush();
  drops.count(1, 'bot');
  full = false;
  await drops.flush();
  await drops.close();
  expect(written).toEqual([[{ siteId: 1, quarterMs: noon, reason: 'bot', count: 2 }]]);
});

test('drops: every event that the door turns away is counted for its site, a request that nobody can read as one', async () => {
  const door = await openDoor({ rates: { address: { perSecond: 1, burst: 3 } } });
  await door.send({ events: [view('/a'), view('/a'), view('/b', { seq: 1, url: 'https://elsewhere.example/b' })] });
  await door.sendRaw('{"v":1,"site":"site1","events":[');
  await door.sendRaw('{"v":1,"site":"another","events":[');
  // The fourth request within a second is one too many.
  await door.send({ events: [view('/c', { seq: 2 })] });
  expect(door.drops).toEqual(['1 duplicate', '1 origin', '1 invalid', '1 rate']);
});
