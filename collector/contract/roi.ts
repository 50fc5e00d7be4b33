import * as z from 'zod';
import { limits } from './limits.ts';
import { isDate, range } from './time.ts';

const date = z.string().refine(isDate, 'Write a date as 2026-09-01.');

/** What a source has cost. Days count alike: a part of the period counts for its part of the amount. */
export const sourceCost = z
  .strictObject({
    source: z.string().trim().min(1).max(200),
    /** '' for the whole source. */
    campaign: z.string().trim().max(200).default(''),
    /** Half-open, in the site's zone. */
    from: date,
    to: date,
    amount: z.number().min(0).max(1e12),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'Write a currency as EUR.')
      .optional(),
    note: z.string().max(500).default(''),
  })
  .refine(({ from, to }) => from < to, {
    path: ['to'],
    message: 'The period ends after it begins; `to` is not included.',
  });
export type SourceCost = z.infer<typeof sourceCost>;

export interface StoredCost extends Omit<SourceCost, 'currency'> {
  id: string;
  currency: string;
  createdAt: string;
}

/** Body of `POST …/costs/import`: lines with the columns source, campaign, from, to, amount, currency, note. */
export const costImport = z.strictObject({ csv: z.string().min(1).max(200_000) });

/** Answer of an import: nothing is stored where a line is wrong. */
export interface CostImport {
  stored: number;
}

export const roiQuery = range.extend({
  /** Whose is the lead: of the source that it came from `first`, or `last` before it came in. */
  by: z.enum(['first', 'last']).default('first'),
});

/** One source, or one campaign of it, with the leads that began in the range. */
export interface RoiRow {
  source: string;
  campaign: string;
  /** In the site's currency; costs in another currency are not counted, and told in `notCounted`. */
  cost: number;
  leads: number;
  qualified: number;
  won: number;
  /** Worth of those that are won. */
  revenue: number;
  leaked: number;
  /** Null where it would be divided by nothing. */
  costPerLead: number | null;
  costPerQualified: number | null;
  costPerWon: number | null;
  /** (revenue − cost) ∕ cost; null without costs. */
  roi: number | null;
}

/** Answer of `GET …/roi`. */
export interface RoiAnswer {
  by: 'first' | 'last';
  /** The same in words, for the screen. */
  attribution: string;
  currency: string;
  rows: RoiRow[];
  total: Omit<RoiRow, 'source' | 'campaign'>;
  /** Costs that are left out, in words. */
  notCounted: string[];
}

/** Names behind a number of the report. */
export const roiListQuery = roiQuery.extend({
  source: z.string().max(limits.urlLength),
  campaign: z.string().max(limits.urlLength).default(''),
  of: z.enum(['leads', 'qualified', 'won', 'leaked']).default('leads'),
  limit: z.coerce.number().int().min(1).max(limits.listLimit).default(50),
  cursor: z.string().max(200).optional(),
});
