import { expect, test } from 'vitest';
import { rule as ruleSchema } from '../../collector/contract/rule.ts';
import { type FoldOptions, findCompletion, foldArrivals, type OpenCase } from '../../collector/detection/cases.ts';
import { compileRule } from '../../collector/detection/rules.ts';
import { event, timeOf, visitorId } from '../support/factories.ts';

const compiled = compileRule(
  ruleSchema.parse({
    name: 'Booking abandoned',
    intent: { event: 'booking_start' },
    key: 'prop:booking_id',
    complete: [{ event: 'booking_done' }],
    wait: '60m',
    recoveryWindow: '7d',
  }),
);

function fold(rows: FoldOptions['rows'], more: Partial<FoldOptions> = {}) {
  let count = 0;
  return foldArrivals({
    rows,
    watched: [{ siteId: 1, ruleId: 'rul_1', version: 1, sinceMs: 0, compiled }],
    open: [],
    ruleOf: () => compiled,
    personOf: (_site, visitor) => [visitor],
    newCaseId: () => {
      count += 1;
      return `cas_${count}`;
    },
    ...more,
  });
}

const start = (at: string, more = {}) => event('booking_start', { at, props: { booking_id: 'b1' }, ...more });
const done = (at: string, more = {}) => event('booking_done', { at, props: { booking_id: 'b1' }, ...more });

const abandoned = (more: Partial<OpenCase> = {}): OpenCase => ({
  id: 'cas_old',
  siteId: 1,
  ruleId: 'rul_1',
  ruleVersion: 1,
  visitorId: visitorId('ana'),
  key: 'b1',
  state: 'abandoned',
  occurredMs: timeOf('10:00'),
  occurredSeq: 0,
  abandonedAtMs: timeOf('11:00'),
  ...more,
});

test('an intent starts a case that is due when its wait is over, counted from its arrival', () => {
  const { started, finished } = fold([start('10:00', { receivedAt: '10:00:02' })]);
  expect(started).toMatchObject([{ id: 'cas_1', key: 'b1', occurredMs: timeOf('10:00'), dueAtMs: timeOf('11:00:02') }]);
  expect(finished).toEqual([]);
});

test('a second intent while one waits starts no second case, and the wait runs from the first', () => {
  const { started } = fold([start('10:00'), start('10:20'), start('10:40')]);
  expect(started).toMatchObject([{ dueAtMs: timeOf('11:00') }]);
});

test('each booking has a case of its own, and finishing one leaves the other', () => {
  const { started, finished } = fold([start('10:00'), start('10:01', { props: { booking_id: 'b2' } }), done('10:05')]);
  expect(started.map(({ key }) => key)).toEqual(['b1', 'b2']);
  expect(finished).toMatchObject([
    { openCase: { key: 'b1' }, outcome: 'completed', completion: { event: 'booking_done' } },
  ]);
});

test('a completion before the intent does not count; at the same millisecond the sequence decides', () => {
  expect(fold([done('09:59'), start('10:00')]).finished).toEqual([]);
  expect(fold([done('10:00', { seq: 1 }), start('10:00', { seq: 2 })]).finished).toEqual([]);
  expect(fold([start('10:00', { seq: 1 }), done('10:00', { seq: 2 })]).finished).toHaveLength(1);
});

test('after a completion the next intent starts a new case', () => {
  expect(fold([start('10:00'), done('10:05'), start('10:10')]).started).toHaveLength(2);
});

test('a lead that finishes on another device has finished', () => {
  const devices = [visitorId('ana'), visitorId('anas-phone')];
  const { finished } = fold([start('10:00'), done('10:30', { visitor: 'anas-phone' })], { personOf: () => devices });
  expect(finished).toMatchObject([{ outcome: 'completed' }]);
});

test('somebody else finishing, or the same visitor id on another site, changes nothing', () => {
  expect(fold([start('10:00'), done('10:30', { visitor: 'ben' })]).finished).toEqual([]);
  expect(fold([start('10:00'), done('10:30', { site_id: 2 })]).finished).toEqual([]);
});

test('a completion within the recovery window recovers an abandoned case, a later one does not', () => {
  const open = [abandoned()];
  expect(fold([done('2026-09-08T11:00:00Z')], { open }).finished).toMatchObject([
    { openCase: { id: 'cas_old' }, outcome: 'recovered' },
  ]);
  expect(fold([done('2026-09-08T11:00:01Z')], { open }).finished).toEqual([]);
});

test('a case whose message was withheld is noted as completed, without a message', () => {
  const open = [abandoned({ state: 'withheld' })];
  expect(fold([done('12:00')], { open }).finished).toMatchObject([{ outcome: 'completed-unwritten' }]);
});

test('an intent that arrived before the rule was switched on starts nothing', () => {
  const watched = [{ siteId: 1, ruleId: 'rul_1', version: 1, sinceMs: timeOf('10:30'), compiled }];
  expect(fold([start('10:29')], { watched }).started).toEqual([]);
  expect(fold([start('10:30')], { watched }).started).toHaveLength(1);
});

test('imported history starts nothing: it happened more than a day before it arrived', () => {
  expect(fold([start('2026-08-30T10:00:00Z', { receivedAt: '10:00:01' })]).started).toEqual([]);
});

test('the last look finds a completion whatever the order in which things arrived', () => {
  const openCase = { key: 'b1', occurredMs: timeOf('10:00'), occurredSeq: 3 };
  const rows = [done('09:00'), done('10:00', { seq: 3 }), done('10:00', { seq: 4 }), done('10:30')];
  expect(findCompletion(openCase, { rows, rule: compiled })).toEqual({
    atMs: timeOf('10:00'),
    event: 'booking_done',
    value: 0,
    currency: '',
  });
  expect(findCompletion(openCase, { rows: rows.slice(0, 2), rule: compiled })).toBeNull();
});
