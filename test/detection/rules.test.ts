import { expect, test } from 'vitest';
import { type Rule, rule as ruleSchema } from '../../collector/contract/rule.ts';
import { compileRule, type DueCase, decideDue, isHeldOut } from '../../collector/detection/rules.ts';
import { event } from '../support/factories.ts';

const noon = Date.parse('2026-09-01T12:00:00Z');
const hour = 3_600_000;

const booking = (more: Partial<Rule> = {}): Rule => ({
  ...ruleSchema.parse({
    name: 'Booking abandoned',
    intent: { event: 'booking_start' },
    key: 'prop:booking_id',
    complete: [{ event: 'booking_done' }, { path: '/thanks' }],
    followUps: [{ after: '0s', endpoint: 'end_mail' }],
    enabled: true,
  }),
  ...more,
});

const due = (more: Partial<DueCase> = {}): DueCase => ({
  rule: booking(),
  ruleId: 'rul_1',
  ruleStatus: 'enabled',
  nowMs: noon,
  timezone: 'UTC',
  completedAtMs: null,
  eventsInMinute: 1,
  personId: 'ana',
  isIdentified: false,
  hasConsent: false,
  lastAbandonedAtMs: null,
  lastMessageAtMs: null,
  usableEndpoints: new Set(['end_mail']),
  ...more,
});

test('a completion counts for its own key, and one without a key for every case of the person', () => {
  const { isCompletion, keyOf, isIntent } = compileRule(booking());
  const done = event('booking_done', { props: { booking_id: 'b1' } });
  expect(isIntent(event('booking_start'))).toBe(true);
  expect(isIntent(done)).toBe(false);
  expect(keyOf(event('booking_start', { props: { booking_id: 'b1' } }))).toBe('b1');
  expect(isCompletion(done, 'b1')).toBe(true);
  expect(isCompletion(done, 'b2')).toBe(false);
  // The intent came without its booking id.
  expect(isCompletion(done, '')).toBe(true);
  // The thank-you page does not know the booking.
  expect(isCompletion(event('pageview', { path: '/thanks' }), 'b1')).toBe(true);
});

test('due: plans every follow-up, each after its own delay', () => {
  const rule = booking({
    followUps: [
      { after: '0s', endpoint: 'end_mail' },
      { after: '24h', endpoint: 'end_mail' },
    ],
  });
  expect(decideDue(due({ rule }))).toMatchObject({
    kind: 'abandoned',
    messages: [
      { followUp: 1, endpointId: 'end_mail', atMs: noon },
      { followUp: 2, endpointId: 'end_mail', atMs: noon + 24 * hour },
    ],
  });
});

test('due: a rule without follow-ups makes an abandonment that is only shown', () => {
  const rule = booking({ followUps: [], audience: 'identified', holdout: 0.9, perPersonCap: '16h' });
  expect(decideDue(due({ rule, usableEndpoints: new Set(), lastMessageAtMs: noon }))).toMatchObject({
    kind: 'abandoned',
    messages: [],
  });
});

test.each<[string, Partial<DueCase>, string, boolean]>([
  ['completed', { completedAtMs: noon - hour }, 'completed', false],
  ['rule switched off', { ruleStatus: 'disabled' }, 'rule-disabled', false],
  ['rule deleted', { ruleStatus: 'deleted' }, 'rule-deleted', false],
  ['same rule and person six days ago', { lastAbandonedAtMs: noon - 6 * 24 * hour }, 'cooldown', false],
  ['nobody known', { rule: booking({ audience: 'identified' }) }, 'not-identified', true],
  ['no consent', { rule: booking({ audience: 'consented' }) }, 'no-consent', true],
  [
    'a message 15 hours ago',
    { rule: booking({ perPersonCap: '16h' }), lastMessageAtMs: noon - 15 * hour },
    'person-cap',
    true,
  ],
  ['the endpoint is off', { usableEndpoints: new Set() }, 'endpoint-disabled', true],
  [
    'quiet for ever',
    {
      rule: booking({
        quietHours: {
          from: '00:00',
          to: '00:00',
          days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
          zone: 'site',
        },
      }),
    },
    'quiet-hours',
    true,
  ],
])('due: %s is stored with its reason', (_title, facts, reason, isAbandoned) => {
  const verdict = decideDue(due(facts));
  expect(verdict).toMatchObject({ kind: 'suppressed', reason, isAbandoned });
  expect(verdict.kind === 'suppressed' && verdict.note.length).toBeGreaterThan(10);
});

test.each<[string, Partial<DueCase>]>([
  ['the cool-down is over', { lastAbandonedAtMs: noon - 7 * 24 * hour }],
  ['the cap is over', { rule: booking({ perPersonCap: '16h' }), lastMessageAtMs: noon - 16 * hour }],
  ['somebody known', { rule: booking({ audience: 'identified' }), isIdentified: true }],
  ['consent given', { rule: booking({ audience: 'consented' }), hasConsent: true }],
])('due: %s, so it is written', (_title, facts) => {
  expect(decideDue(due(facts))).toMatchObject({ kind: 'abandoned', messages: [{ atMs: noon }] });
});

test('due: in quiet hours the message waits, and the history says until when', () => {
  const rule = booking({ quietHours: { from: '11:00', to: '15:30', days: [], zone: 'site' } });
  expect(decideDue(due({ rule }))).toMatchObject({
    kind: 'abandoned',
    messages: [{ followUp: 1, endpointId: 'end_mail', atMs: noon + 3.5 * hour }],
    remark: 'quiet-hours',
    note: 'Not completed within 60m. Quiet hours: the message waits until 2026-09-01T15:30:00.000Z.',
  });
});

test('holdout: takes about its share of people, and always the same ones', () => {
  const people = Array.from({ length: 10_000 }, (_, index) => `visitor-${index}`);
  const held = (share: number) => people.filter((personId) => isHeldOut({ ruleId: 'rul_1', personId, share }));
  expect(held(0)).toHaveLength(0);
  // 10 % of 10,000 with a standard deviation of 30.
  expect(held(0.1).length).toBeGreaterThan(850);
  expect(held(0.1).length).toBeLessThan(1_150);
  expect(held(0.1)).toEqual(held(0.1));
  const larger = new Set(held(0.2));
  expect(held(0.1).every((personId) => larger.has(personId))).toBe(true);
});
