import { expect, test } from 'vitest';
import * as z from 'zod';
import { issueWords } from '../../collector/contract/issue-words.ts';
import { routing } from '../../collector/contract/routing.ts';

const wordsOf = (schema: z.ZodType, value: unknown) =>
  (schema.safeParse(value).error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issueWords(issue)}`);

test('what is wrong with a form is said as a person would say it', () => {
  const form = z.strictObject({
    name: z.string().min(1),
    password: z.string().min(8),
    note: z.string().max(3),
    points: z.int().min(1),
    share: z.number().lt(1),
    days: z.array(z.string()).min(1),
    kind: z.enum(['quote', 'booking']),
    email: z.string(),
    size: z.number(),
    to: z.union([z.literal('nurture'), z.strictObject({ route: z.string() })]),
    date: z.string().refine(() => false, 'Write a date as 2026-12-25.'),
  });
  const filled = {
    name: '',
    password: 'x',
    note: 'four',
    points: 0,
    share: 1,
    days: [],
    kind: 'gift',
    size: '3',
    to: 7,
  };
  expect(wordsOf(form, { ...filled, date: 'tomorrow', nmae: 'Ana' })).toEqual([
    'name: Fill this in.',
    'password: Write at least 8 characters.',
    'note: Write at most 3 characters.',
    'points: Use 1 or more.',
    'share: Use less than 1.',
    'days: Name at least one.',
    'kind: Choose one of these: quote, booking.',
    'email: This is missing.',
    'size: This must be of the type number.',
    'to: This does not fit here.',
    'date: Write a date as 2026-12-25.',
    ': There is nothing called nmae here. Check how it is written.',
  ]);
});

test('a person without a name in the routing is asked for one', () => {
  const owners = [{ id: 'o1', name: '', email: 'no address' }];
  expect(wordsOf(routing, { owners })).toEqual([
    'owners.0.name: Fill this in.',
    'owners.0.email: This is not an e-mail address.',
  ]);
});
