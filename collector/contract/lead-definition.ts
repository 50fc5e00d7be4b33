import * as z from 'zod';
import { limits } from './limits.ts';
import { fieldCondition, mostHits, signal } from './signal.ts';
import { duration, isDate } from './time.ts';

export const leadCondition = z
  .strictObject({
    /** Stays the same when the condition is changed: rejections name it. Unique in the definition. */
    id: z.string().min(1).max(limits.idLength),
    name: z.string().min(1).max(limits.nameLength),
    check: z.union([
      z.strictObject({ kind: z.literal('score'), atLeast: z.int().min(-10_000).max(10_000) }),
      fieldCondition,
      z.strictObject({
        kind: z.literal('behaviour'),
        of: signal,
        /** At least this many times. */
        atLeast: z.int().min(1).max(mostHits),
        /** Looking back this long; absent: ever. */
        within: duration.optional(),
      }),
    ]),
  })
  .describe('One condition of a definition');
export type LeadCondition = z.infer<typeof leadCondition>;

const conditions = z.array(leadCondition).max(20);

const agreement = z.strictObject({
  /** Who agreed. */
  name: z.string().min(1).max(limits.nameLength),
  /** Since when. */
  since: z.string().refine(isDate, 'Write a date as 2026-09-01.'),
});

/**
 * What marketing and sales have agreed to call a lead. All conditions of a level must hold, and those of the levels before it;
 * a level without conditions is nobody's, but for `lead`, which is then everybody who is known.
 */
export const leadDefinition = z
  .strictObject({
    lead: conditions,
    marketing: conditions,
    sales: conditions,
    agreed: z.strictObject({ marketing: agreement.nullable(), sales: agreement.nullable() }),
  })
  .superRefine((definition, context) => {
    const ids = [...definition.lead, ...definition.marketing, ...definition.sales].map(({ id }) => id);
    for (const level of ['lead', 'marketing', 'sales'] as const) {
      definition[level].forEach(({ id }, index) => {
        if (ids.indexOf(id) !== ids.lastIndexOf(id)) {
          context.addIssue({ code: 'custom', path: [level, index, 'id'], message: 'Another condition has this id.' });
        }
      });
    }
  });
export type LeadDefinition = z.infer<typeof leadDefinition>;

/** One line of `GET …/house/rejections`: how often sales said of leads that a condition does not hold in truth. */
export interface RejectionCount {
  /** Id of the condition; null for rejections that named none. */
  condition: string | null;
  /** Its name in the version that judged the leads. */
  name: string;
  /** Version of the definition. */
  version: number;
  /** Leads; what was taken back does not count. */
  rejected: number;
  /** Leads that are marketing's or sales' by this version, and those that were rejected as such. */
  judged: number;
  reasons: { reason: string; leadId: string; at: string }[];
}
