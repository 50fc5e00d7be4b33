import { expect, test } from 'vitest';
import {
  followUpFunnel,
  followUpSentence,
  followUpStepOf,
  followUpSteps,
} from '../../dashboard/features/funnels/follow-up.ts';

const counts = (...numbers: number[]) => numbers.map((count) => ({ count }));

test('steps of the follow-up are offered where leads are worked on, with the contacts that were seen', () => {
  expect(followUpSteps([{ name: 'form_submit' }, { name: 'call' }])).toEqual([]);
  const names = followUpSteps([{ name: 'lead_stage' }, { name: 'call' }]).map(({ name }) => name);
  expect(names.slice(0, 2)).toEqual(['Owner', 'First reply']);
  expect(names).toContain('Phone call');
  expect(names).not.toContain('Chat');
});

test('a match is known as a step of the follow-up, unless it asks for more', () => {
  expect(followUpStepOf({ event: 'lead_stage', props: { stage: 'won' } })?.name).toBe('Won');
  expect(followUpStepOf({ event: 'lead_stage', props: { stage: 'won', reason: 'price' } })).toBeUndefined();
  expect(followUpStepOf({ event: 'form_submit' })).toBeUndefined();
});

test('a funnel from the form to the customer says what the page loses and what the follow-up loses', () => {
  // Begun 50, sent 30: the page loses 20. Of the 30, 6 are won: the follow-up loses 24.
  expect(followUpSentence(followUpFunnel.steps, counts(50, 30, 29, 25, 15, 10, 6))).toBe(
    'The page loses 20 of 50 (40%), the follow-up 24 of 30 (80%).',
  );
});

test('nothing is said of a funnel of pages alone, or of the follow-up alone', () => {
  expect(followUpSentence(followUpFunnel.steps.slice(0, 2), counts(50, 30))).toBeNull();
  expect(followUpSentence(followUpFunnel.steps.slice(2), counts(29, 25, 15, 10, 6))).toBeNull();
});
