import { expect, test } from 'vitest';
import { limits } from '../../collector/contract/limits.ts';
import { siteSettings } from '../../collector/contract/manage.ts';
import { rule as ruleSchema } from '../../collector/contract/rule.ts';
import { abandonmentMessage, type PayloadParts, resumeUrl } from '../../collector/detection/payload.ts';
import { event } from '../support/factories.ts';

const site = { publicId: 'abc', domains: ['example.com'], settings: siteSettings.parse({}) };

function parts(more: Partial<PayloadParts> = {}): PayloadParts {
  return {
    caseRow: { id: 'cas_1', rule_id: 'rul_1', key: 'b1', occurred_at: '2026-09-01T10:00:00.000Z', visitor_id: '42' },
    intent: event('booking_start', {
      path: '/book',
      title: 'Book',
      props: { booking_id: 'b1' },
      value: 89,
      currency: '',
    }),
    rule: ruleSchema.parse({
      name: 'Booking abandoned',
      kind: 'booking',
      intent: { event: 'booking_start' },
      complete: [{ event: 'booking_done' }],
    }),
    site,
    lead: {
      id: 'led_1',
      name: 'Ana',
      email: 'ana@example.com',
      phone: null,
      stage: 'contacted',
      score: 42,
      temperature: 'warm',
    },
    viewed: [{ path: '/pricing', title: 'Prices', at: '2026-09-01T09:59:00.000Z', props: {} }],
    detectedAt: '2026-09-01T11:00:00.000Z',
    followUp: 1,
    followUps: 2,
    ...more,
  };
}

test('the message says who, what, how much and where to go back to', () => {
  expect(abandonmentMessage(parts())).toMatchObject({
    type: 'abandonment.created',
    timestamp: '2026-09-01T11:00:00.000Z',
    data: {
      id: 'cas_1',
      site: 'abc',
      rule: 'Booking abandoned',
      step: 'booking_start',
      key: 'b1',
      url: 'https://example.com/book',
      resumeUrl: 'https://example.com/book',
      value: 89,
      // The event names no currency: the site's.
      currency: 'EUR',
      visitor: '42',
      email: 'ana@example.com',
      consent: 'granted',
      followUp: 1,
      followUps: 2,
      viewed: [{ path: '/pricing' }],
      intent: { event: 'booking_start', props: { booking_id: 'b1' } },
    },
  });
});

test('an event without money has neither value nor currency', () => {
  const { data } = abandonmentMessage(parts({ intent: event('booking_start') }));
  expect([data.value, data.currency]).toEqual([null, null]);
});

test.each([
  ['https://example.com/book?step=2', 'https://example.com/book?step=2'],
  ['https://shop.example.com/cart', 'https://shop.example.com/cart'],
  // Not the owner's: a link of a stranger must not get into the owner's mail.
  ['https://evil.com/', 'https://example.com/book'],
  ['https://example.com.evil.com/', 'https://example.com/book'],
  ['https://notexample.com/', 'https://example.com/book'],
  ['https://example.com@evil.com/', 'https://example.com/book'],
  ['javascript:alert(1)', 'https://example.com/book'],
  ['/book?step=2', 'https://example.com/book'],
])('resume_url %s leads to %s', (given, expected) => {
  expect(resumeUrl(event('booking_start', { path: '/book', props: { resume_url: given } }), site)).toBe(expected);
});

test('a message never reaches 20 kB: the oldest pages go first, then the longest properties', () => {
  const page = (index: number) => ({
    path: `/${index}/${'ü'.repeat(400)}`,
    title: 'ö'.repeat(400),
    at: '2026-09-01T09:00:00.000Z',
    props: {},
  });
  const viewed = Array.from({ length: 20 }, (_, index) => page(index));
  const cut = abandonmentMessage(parts({ viewed }));
  expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThan(limits.webhookBytes);
  expect(cut.data.viewed.length).toBeGreaterThan(5);
  expect(cut.data.viewed.at(-1)).toEqual(viewed.at(-1));

  const props = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`p${index}`, '語'.repeat(512)]));
  const huge = abandonmentMessage(parts({ viewed, intent: event('booking_start', { props }) }));
  expect(Buffer.byteLength(JSON.stringify(huge))).toBeLessThan(limits.webhookBytes);
  expect(huge.data.viewed).toEqual([]);
});
