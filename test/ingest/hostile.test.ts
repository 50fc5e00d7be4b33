import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toRecord } from '../../collector/spool/record.ts';
import { openDoor, view } from './door.ts';
import { hostileBody } from './hostile-bodies.ts';

test('no body makes the door throw, answer 5xx, change a prototype or keep a row that cannot be stored', async () => {
  const door = await openDoor({
    site: { settings: { anyHost: true } },
    rates: { address: { perSecond: 1, burst: 10_000 } },
  });
  const prototypeKeys = Object.getOwnPropertyNames(Object.prototype).length;
  let kept = 0;
  await fc.assert(
    fc.asyncProperty(hostileBody, async (body) => {
      const reply = await door.sendRaw(body);
      expect([202, 400, 413]).toContain(reply.status);
      for (const row of door.rows.splice(0)) {
        kept += 1;
        const record = toRecord(row);
        expect(Buffer.byteLength(record)).toBeLessThan(8 * 1024 + 64);
        expect(record.slice(0, -1)).not.toMatch(/\\u00[01]|\\ud[89a-f]|\n/i);
        expect(row.ts).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
        const { value, engaged_ms, scroll } = row;
        expect([value, engaged_ms, scroll].every(Number.isFinite)).toBe(true);
        expect(Object.values(row.props).every((text) => typeof text === 'string')).toBe(true);
      }
    }),
    { numRuns: 1_000 },
  );
  expect(kept).toBeGreaterThan(50);
  expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(prototypeKeys);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test('an honest batch is kept after all of that', async () => {
  const door = await openDoor();
  for (const body of ['{', '[]', '{"v":1,"site":"site1","events":[null]}']) await door.sendRaw(body);
  expect(await door.send({ events: [view('/a')] })).toMatchObject({ status: 202, answer: { accepted: 1 } });
});
