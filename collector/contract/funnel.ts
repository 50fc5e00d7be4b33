import * as z from 'zod';
import { limits } from './limits.ts';
import { filters, match } from './match.ts';
import { dimensions, intervals } from './names.ts';
import { duration, durationMs, range } from './time.ts';

export const funnelStep = z.strictObject({
  /** Shown name; the match in words where absent. */
  name: z.string().min(1).max(limits.nameLength).optional(),
  match,
  /** Shown and never required. */
  optional: z.boolean().optional(),
});

/** Body of `POST /sites/SITE/funnel`. Meaning of every option: docs/funnel.md. */
export const funnelRequest = range.extend({
  window: duration
    .refine((text) => durationMs(text) <= limits.funnelWindowDays * 86_400_000, {
      message: `A window is at most ${limits.funnelWindowDays}d.`,
    })
    .default('24h'),
  order: z.enum(['ordered', 'strict', 'any']).default('ordered'),
  by: z.enum(['visitor', 'session', 'lead']).default('visitor'),
  steps: z.array(funnelStep).min(1).max(limits.funnelSteps),
  exclude: z
    .array(z.strictObject({ match, between: z.tuple([z.int().min(1), z.int().min(2)]).optional() }))
    .max(10)
    .optional(),
  breakdown: z.union([z.enum(dimensions), z.templateLiteral(['prop:', z.string().min(1)])]).optional(),
  filters: filters.optional(),
  compare: z.enum(['previous', 'year']).optional(),
  trend: z.enum(intervals).optional(),
  /** Counts and rates alone. Times, values and money at risk, which take about a third of the work, stay null. */
  only: z.literal('counts').optional(),
});
export type FunnelRequest = z.infer<typeof funnelRequest>;

export interface FunnelStepResult {
  /** 1 is the entry step. */
  index: number;
  name: string;
  /** Units (visitors, sessions) that reached this step or a later one. */
  count: number;
  /** 0–1 of step 1; 0 where step 1 is empty. */
  rateFromFirst: number;
  /** 0–1 of the step before; 1 for step 1. */
  rateFromPrevious: number;
  /** Units that reached this step and not the next; 0 at the last step. */
  dropped: number;
  /** Time from the step before, seconds; null at step 1 and where nobody arrived. */
  secondsFromPrevious: { p50: number; p90: number; avg: number } | null;
  /** Times from the step before in seconds, bucketed: `from` inclusive, `to` exclusive or null for the last; null as above. */
  times?: { from: number; to: number | null; count: number }[] | null;
  /** dropped × mean value of a whole conversion × measured chance to go on after this step; null where no value is known. */
  moneyAtRisk?: number | null;
  /** Sum of the `value` of this step's events on the matched chains, in the site's currency; null where no event carries one. */
  value: number | null;
}

export interface FunnelAnswer {
  steps: FunnelStepResult[];
  breakdown?: { key: string; steps: FunnelStepResult[] }[];
  comparison?: { from: string; to: string; steps: FunnelStepResult[] };
  trend?: { at: string; steps: FunnelStepResult[] }[];
  elapsedMs: number;
  rowsRead: number;
}

/** Body of `POST /sites/SITE/funnel/people`. */
export const funnelPeopleRequest = funnelRequest.extend({
  step: z.int().min(1),
  /** `dropped`: reached this step and no later one. `reached`: reached it or a later one. */
  outcome: z.enum(['dropped', 'reached']).default('dropped'),
  limit: z.int().min(1).max(limits.listLimit).default(50),
  cursor: z.string().max(200).optional(),
});
export type FunnelPeopleRequest = z.infer<typeof funnelPeopleRequest>;

/** Body of `POST /sites/SITE/funnel/send`: the same people, as `funnel.people` to one endpoint. */
export const funnelSendRequest = funnelPeopleRequest
  .omit({ limit: true, cursor: true })
  .extend({ endpoint: z.string().min(1).max(limits.idLength) });
export type FunnelSendRequest = z.infer<typeof funnelSendRequest>;

export interface FunnelSendAnswer {
  /** People sent: the number of the funnel. */
  people: number;
  /** Messages they were put into. */
  messages: number;
}

export interface FunnelPerson {
  /** Visitor or session id, a decimal UInt64 as text. */
  id: string;
  visitor: string;
  /** When the deepest step was reached, ISO 8601. */
  stoppedAt: string;
  /** Step reached, 1-based. */
  reached: number;
  lastPath: string;
  source: string;
  country: string;
  device: string;
  lead?: { id: string; name: string | null; email: string | null };
}

/** Body of `POST /sites/SITE/funnel/next`. */
export const funnelNextRequest = funnelRequest.extend({ step: z.int().min(1) });
export type FunnelNextRequest = z.infer<typeof funnelNextRequest>;

/** What those who dropped did next; `(exit)` is included and the counts sum to `dropped`. */
export interface FunnelNextAnswer {
  dropped: number;
  items: { label: string; kind: 'page' | 'event' | 'exit'; count: number }[];
}

/** Body of `POST /sites/SITE/funnel/why`: what tells those who went on from a step from those who left. */
export const funnelWhyRequest = funnelRequest.extend({ step: z.int().min(1) });
export type FunnelWhyRequest = z.infer<typeof funnelWhyRequest>;

export interface FunnelWhyAnswer {
  /** Strongest first: values that are significantly more frequent among those who left (ratio > 1) or went on (< 1). */
  items: {
    dimension: string;
    value: string;
    droppedWith: number;
    dropped: number;
    wentOnWith: number;
    wentOn: number;
    /** Share among the dropped divided by share among those who went on. */
    ratio: number;
    /** Probability of such a difference by chance, after correction for the number of values compared. */
    significance: number;
  }[];
  /** Values compared. */
  compared: number;
}

/** Body of `POST /sites/SITE/funnel/suggestions`: the most travelled ways to each goal. */
export const funnelSuggestionsRequest = range;
export interface FunnelSuggestionsAnswer {
  items: { goal: string; name: string; count: number; steps: { match: z.infer<typeof match> }[] }[];
}
