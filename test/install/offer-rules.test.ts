import { expect, test } from 'vitest';
import { offerRules } from '../../collector/install/offer-rules.ts';

const nothing = { forms: [], widgets: [], contacts: 0 };
const form = { name: 'Quote', isNamed: true, fields: 3, asksForEmail: true };

test('a form: begun and not sent, by its name, or by its page where it has none', () => {
  const found = { ...nothing, forms: [form, { ...form, name: 'form', isNamed: false }] };
  expect(
    offerRules(found, '/contact', []).map(({ rule }) => [rule.name, rule.intent, rule.complete, rule.wait]),
  ).toEqual([
    [
      'Form “Quote” started and not sent',
      { event: 'form_start', props: { form: 'Quote' } },
      [{ event: 'form_submit', props: { form: 'Quote' } }],
      '30m',
    ],
    [
      'Form on /contact started and not sent',
      { event: 'form_start', props: { form: 'form' }, path: '/contact' },
      [{ event: 'form_submit', props: { form: 'form' }, path: '/contact' }],
      '30m',
    ],
  ]);
});

test('a booking widget: looked at and not booked; a chat: nothing', () => {
  const widgets = [
    { name: 'Calendly', kind: 'booking', finish: null } as const,
    { name: 'Crisp', kind: 'chat', finish: null } as const,
  ];
  expect(
    offerRules({ ...nothing, widgets, contacts: 2 }, '/book', []).map(({ rule }) => [
      rule.kind,
      rule.intent,
      rule.complete,
    ]),
  ).toEqual([['booking', { path: '/book' }, [{ event: 'booking_done' }]]]);
});

test('a page to get in touch from: looked at without doing so; the front page is looked at by everybody', () => {
  const found = { ...nothing, contacts: 1 };
  expect(offerRules(found, '/contact', []).map(({ rule }) => rule.name)).toEqual([
    '/contact looked at without getting in touch',
  ]);
  expect(offerRules(found, '/', [])).toEqual([]);
});

test('a rule that watches for the same already is named', () => {
  const [offer] = offerRules({ ...nothing, forms: [form] }, '/contact', []);
  const stored = { ...offer?.rule, id: 'rul_1', version: 1, createdAt: '', updatedAt: '' } as Parameters<
    typeof offerRules
  >[2][number];
  expect(offerRules({ ...nothing, forms: [form] }, '/contact', [stored]).map(({ existing }) => existing)).toEqual([
    'rul_1',
  ]);
});
