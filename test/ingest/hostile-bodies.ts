import fc from 'fast-check';

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

/** Bodies of `POST /e` as a generator, a fuzzer and an attacker would send them; some are right. */
export const hostileBody = fc.oneof(
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
