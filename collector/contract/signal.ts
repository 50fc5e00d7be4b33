import * as z from 'zod';
import { touchKinds } from './leads.ts';
import { limits } from './limits.ts';
import { match, pattern } from './match.ts';

/**
 * Something a lead does, or that is done with a lead, of which the house counts how often and when: an input of scores and
 * definitions. `page`: a page view; `event`: any event of the website or a server; `form`: a form was sent (its name, or any);
 * `touch`: a touch of the ledger by its kind.
 */
export const signal = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('page'), path: pattern }),
  z.strictObject({
    kind: z.literal('event'),
    match: match.refine(({ event }) => !touchKinds.some((kind) => kind === event), {
      path: ['event'],
      message: 'This is a touch: choose the touch, not the event.',
    }),
  }),
  z.strictObject({ kind: z.literal('form'), form: z.string().min(1).max(limits.propValueLength).optional() }),
  z.strictObject({
    kind: z.literal('touch'),
    touch: z.enum(touchKinds),
    /** Who began it; absent: either. */
    direction: z.enum(['in', 'out']).optional(),
  }),
]);
export type Signal = z.infer<typeof signal>;

/** How many of the newest times of one signal are kept for a lead, and so how many can count. */
export const mostHits = 50;

/** Fields of a lead that conditions may ask about; `trait:KEY` is anything else that was told of the lead. */
export const conditionFields = [
  'email',
  'phone',
  'name',
  'company',
  'externalId',
  'kind',
  'country',
  'region',
  'postcode',
  'source',
  'campaign',
] as const;

/** One statement about a field of a lead. */
export const fieldCondition = z
  .strictObject({
    kind: z.literal('field'),
    field: z.union([
      z.enum(conditionFields),
      z.templateLiteral(['trait:', z.string().min(1).max(limits.propKeyLength)]),
    ]),
    /** Texts are compared without case; `at_least` compares numbers. */
    op: z.enum(['is_set', 'is_empty', 'is', 'is_not', 'contains', 'at_least']),
    /** One of these is enough; absent with `is_set` and `is_empty`. */
    value: z.array(z.string().max(limits.propValueLength)).min(1).max(limits.filterValues).optional(),
  })
  .superRefine(({ op, value }, context) => {
    const needsValue = op !== 'is_set' && op !== 'is_empty';
    if (needsValue && !value) {
      context.addIssue({ code: 'custom', path: ['value'], message: 'Say what the field is compared with.' });
    }
    if (op === 'at_least' && value?.some((text) => text.trim() === '' || Number.isNaN(Number(text)))) {
      context.addIssue({ code: 'custom', path: ['value'], message: 'Write a number.' });
    }
  });
export type FieldCondition = z.infer<typeof fieldCondition>;
