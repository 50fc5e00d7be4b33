import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toRecord } from '../../collector/spool/record.ts';
import { openDoor, view } from './door.ts';

/** Right most of the time, so that what is wrong gets past the first checks. */
const mostly = <Value>(right: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 12, arbitrary: right as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: fc.jsonValue() });
const anyText = fc.string({ unit: 'binary' });

const almostEvent = fc.record(
  {
    id: mostly(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })),
    seq: mostly(fc.nat(1_000)),
    at: mostly(fc.double()),
    age: mostly(fc.nat(100_000)),
    name: mostly(fc.oneof(fc.constantFrom('pageview', 'engagement', 'identify'), anyText)),
    url: mostly(fc.oneof(fc.constant('https://example.com/a?utm_source=%ff#/%'), fc.webUrl())),
    ref: mostly(fc.oneof(fc.webUrl(), anyText)),
    title: mostly(anyText),
    props: mostly(
      fc.oneof(
        fc.dictionary(anyText, fc.oneof(anyText, fc.double(), fc.boolean())),
        fc.record({ value: fc.double(), currency: anyText, engaged_ms: fc.double(), scroll: fc.double() }),
      ),
    ),
    identity: mostly(fc.record({ email: anyText })),
  },
  { requiredKeys: ['id', 'name', 'url'] },
);

const almostBatch = fc.record(
  {
    v: mostly(fc.constant(1)),
    site: mostly(fc.constant('site1')),
    sent: mostly(fc.double()),
    visitor: mostly(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })),
    page: mostly(fc.constantFrom('page-1', 'page-2')),
    consent: mostly(fc.constant('granted')),
    events: mostly(fc.array(almostEvent, { maxLength: 6 })),
  },
  { requiredKeys: ['v', 'site', 'events'] },
);

const hostileBody = fc.oneof(
  { weight: 5, arbitrary: almostBatch.map((batch) => Buffer.from(JSON.stringify(batch))) },
  { weight: 1, arbitrary: fc.json().map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 60_000 }).map((depth) => Buffer.from('[{"a":'.repeat(depth).slice(0, 60_000))),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        '{"v":1,"site":"site1","__proto__":{"polluted":1},"events":[{}]}',
        '{"v":1,"site":"site1","page":"p","events":[{"seq":1,"name":"a","__proto__":{"polluted":1}}]}',
        '{"v":1,"site":"site1","page":"p","events":[{"seq":1,"name":"\\ud800","url":"https://example.com/\\udfff"}]}',
        '\ufeff{"v":1,"site":"site1","events":[{}]}',
      )
      .map((text) => Buffer.from(text)),
  },
);

test('no body makes the door throw, answer 5xx, change a prototype or keep a row that cannot be stored', async () => {
  const door = await openDoor({ site: { settings: { anyHost: true } }, rate: { perSecond: 1, burst: 10_000 } });
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
