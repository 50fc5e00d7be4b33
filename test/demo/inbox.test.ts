import { expect, test } from 'vitest';
import type { AbandonmentData } from '../../collector/contract/webhooks.ts';
import { createInbox } from '../../collector/demo/inbox/inbox.ts';
import { signedHeaders } from '../../collector/webhooks/signature.ts';

const secret = `whsec_${Buffer.from('a secret of thirty-two bytes ok!').toString('base64')}`;
const now = () => Date.now();

function abandonment(data: Partial<AbandonmentData>, type = 'abandonment.created'): string {
  return JSON.stringify({ type, timestamp: '2026-09-01T10:00:00Z', data });
}

function signed(body: string, id = 'msg_1'): { headers: Record<string, string>; body: string } {
  return { headers: signedHeaders({ id, body, secrets: [secret], nowMs: now() }), body };
}

test('a signed abandonment is shown as verified, with who, what was looked at and the mail that could go out', () => {
  const inbox = createInbox({ secret: () => secret, now });
  const body = abandonment({
    name: 'Ana Ruiz',
    email: 'ana@example.com',
    rule: 'Booking started and not finished',
    followUp: 1,
    followUps: 2,
    intent: { event: 'booking_start', props: { treatment: 'Hot stone massage' } },
    viewed: [],
    resumeUrl: 'http://localhost:8400/demo/salon/book/time?booking=b1&treatment=hot-stone-massage',
  });
  expect(inbox.receive(signed(body))).toEqual({ verified: true });
  const [card] = inbox.list();
  expect(card).toMatchObject({
    verified: true,
    type: 'abandonment.created',
    who: 'Ana Ruiz',
    treatment: 'Hot stone massage',
    followUp: '1 of 2',
  });
  expect(card?.mail?.subject).toBe('Your hot stone massage: what to expect');
  expect(card?.mail?.text).toContain('Hello Ana,');
  expect(card?.mail?.text).toContain('75 minutes, €89');
});

test('the second follow-up offers free times and 10 % off', () => {
  const inbox = createInbox({ secret: () => secret, now });
  inbox.receive(
    signed(
      abandonment({
        followUp: 2,
        followUps: 2,
        detectedAt: '2026-09-01T10:00:00Z',
        viewed: [{ path: '/demo/salon/treatments/lash-lift', title: 'Lash lift and tint', at: '', props: {} }],
      }),
    ),
  );
  const mail = inbox.list()[0]?.mail;
  expect(mail?.subject).toBe('Free times for your lash lift and tint, and 10 % off');
  // 1 September 2026 is a Tuesday; 59 × 0.9 = 53.10.
  expect(mail?.text).toContain('Wednesday, September 2, 11:00');
  expect(mail?.text).toContain('€53.10 instead of €59');
});

test('the treatment being booked counts before the pages seen, and the last page seen before earlier ones', () => {
  const inbox = createInbox({ secret: () => secret, now });
  const viewed = ['glow-facial', 'gel-manicure'].map((slug) => ({
    path: `/demo/salon/treatments/${slug}`,
    title: '',
    at: '',
    props: {},
  }));
  inbox.receive(signed(abandonment({ viewed })));
  inbox.receive(
    signed(abandonment({ viewed, intent: { event: 'booking_start', props: { treatment: 'Glow facial' } } }), 'msg_2'),
  );
  expect(inbox.list().map((card) => card.treatment)).toEqual(['Glow facial', 'Gel manicure']);
});

test('a recovery is shown without a mail', () => {
  const inbox = createInbox({ secret: () => secret, now });
  inbox.receive(signed(abandonment({ email: 'ana@example.com', followUp: 1 }, 'abandonment.recovered')));
  expect(inbox.list()[0]).toMatchObject({ mail: null, followUp: null, who: 'ana@example.com' });
});

test('a list of people, which is about nobody in particular, says what it is', () => {
  const inbox = createInbox({ secret: () => secret, now });
  const data = { siteName: 'Salon', sentence: '12 visitors left after /prices', people: [] };
  inbox.receive(signed(JSON.stringify({ type: 'funnel.people', timestamp: '2026-09-01T10:00:00Z', data })));
  expect(inbox.list()[0]).toMatchObject({ who: 'Salon', says: '12 visitors left after /prices', mail: null });
});

test('a message with a wrong signature, none, or one of another body is kept and marked', () => {
  const inbox = createInbox({ secret: () => secret, now });
  const body = abandonment({ followUp: 1 });
  const good = signed(body);
  expect(inbox.receive({ headers: {}, body })).toEqual({ verified: false });
  expect(inbox.receive({ headers: good.headers, body: body.replace('1', '2') })).toEqual({ verified: false });
  expect(inbox.receive({ headers: { ...good.headers, 'webhook-timestamp': '1000' }, body })).toEqual({
    verified: false,
  });
  expect(inbox.receive({ headers: good.headers, body: 'no JSON' })).toEqual({ verified: false });
  expect(inbox.list().every((card) => card.problem !== null)).toBe(true);
  expect(createInbox({ secret: () => undefined, now }).receive(good)).toEqual({ verified: false });
});

test('the inbox keeps the last 100 messages', () => {
  const inbox = createInbox({ secret: () => secret, now });
  for (let index = 1; index <= 103; index++) inbox.receive(signed(abandonment({}), `msg_${index}`));
  const numbers = inbox.list().map((card) => card.number);
  expect([numbers.length, numbers[0], numbers.at(-1)]).toEqual([100, 103, 4]);
});
