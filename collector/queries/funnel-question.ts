import { literal, param, type Sql, sql } from '../clickhouse/sql.ts';
import type { FunnelRequest } from '../contract/funnel.ts';
import { durationMs } from '../contract/time.ts';
import { AppError, type ErrorDetail } from '../errors.ts';
import { filterSql } from './filters.ts';

import { overlapGroups } from './funnel-overlap.ts';
import { type Span, toSpan, withinSql } from './range.ts';

/** A funnel asked of one site. */
export interface FunnelQuestion {
  siteId: number;
  timezone: string;
  request: FunnelRequest;
  /** Needed for `by: "lead"`: who is whom. */
  leads?: LeadUnits;
}

/** The visitors that are known people, and of each the number of its lead: two lists of equal length, decimal UInt64. */
export interface LeadUnits {
  visitors: string[];
  leads: string[];
}

/** Steps that share events in a funnel of any order: each set of them is looked at on its own, so there is a bound. */
const mostOverlapping = 6;

/** The range of a funnel. Throws invalid_request for what makes no sense, naming the place. */
export function funnelSpan({ request, timezone }: { request: FunnelRequest; timezone: string }): Span {
  const details = mistakes(request);
  if (details.length > 0) throw new AppError('invalid_request', { details });
  return toSpan(request, timezone);
}

/** Throws invalid_request where a funnel has no such step. */
export function checkStep(request: { steps: unknown[]; step: number }): void {
  if (request.step <= request.steps.length) return;
  throw new AppError('invalid_request', {
    details: [
      { path: 'step', message: `There is no step ${request.step}: this funnel has ${request.steps.length} steps.` },
    ],
  });
}

function mistakes({ steps, exclude = [], order }: FunnelRequest): ErrorDetail[] {
  const details: ErrorDetail[] = [];
  if (steps[0]?.optional)
    details.push({ path: 'steps.0.optional', message: 'The first step is where an attempt starts. It is required.' });
  exclude.forEach(({ between, match }, index) => {
    const path = `exclude.${index}.between`;
    for (const step of between ?? []) {
      if (!steps[step - 1])
        details.push({ path, message: `There is no step ${step}: this funnel has ${steps.length}.` });
      else if (steps[step - 1]?.optional)
        details.push({ path, message: `Step ${step} is optional. Name a required one.` });
    }
    if (between && between[0] >= between[1])
      details.push({ path, message: 'Name the earlier step first, as in [1, 2].' });
    if (order === 'strict' && match.event === 'engagement')
      details.push({ path: `exclude.${index}.match`, message: passedOver });
  });
  steps.forEach(({ match }, index) => {
    if (order === 'strict' && match.event === 'engagement')
      details.push({ path: `steps.${index}.match`, message: passedOver });
  });
  if (order === 'any' && overlapGroups(steps).some((group) => group.length > mostOverlapping))
    details.push({
      path: 'steps',
      message: `In any order at most ${mostOverlapping} steps may fit the same events. Make them narrower.`,
    });
  return details;
}

const passedOver = 'A strict funnel passes over `engagement`. Choose another event.';

/** Places (from 1) of the required steps, ascending; the first is 1. */
export function requiredSteps({ steps }: Pick<FunnelRequest, 'steps'>): number[] {
  return steps.flatMap(({ optional }, index) => (optional ? [] : [index + 1]));
}

/** For each step the required step before it; 0 for the first. */
export function stepsBefore(request: Pick<FunnelRequest, 'steps'>): number[] {
  const required = requiredSteps(request);
  return request.steps.map((_, index) => required.findLast((step) => step < index + 1) ?? 0);
}

/** Units that reached this step and could have gone on, but did not. */
export function droppedSql({ request, step }: { request: FunnelRequest; step: number }): Sql {
  const last = requiredSteps(request).at(-1) ?? 0;
  return step >= last ? sql`0` : sql`reached = ${literal(step)}`;
}

/** Rows in which attempts can lie: the range and one window more. */
export function funnelRows({ siteId, request, timezone }: FunnelQuestion): Sql {
  const { fromMs, toMs } = funnelSpan({ request, timezone });
  return withinSql(siteId, { fromMs, toMs: toMs + durationMs(request.window) });
}

/** Whose event a row is: UInt64. */
export function unitSql({ request, leads }: FunnelQuestion): Sql {
  if (request.by === 'session') return sql`session_id`;
  if (request.by === 'visitor') return sql`visitor_id`;
  const { visitors, leads: units } = knownLeads(leads);
  return sql`transform(visitor_id, ${param.uint64s(visitors)}, ${param.uint64s(units)}, toUInt64(0))`;
}

/** The rows that belong to a unit at all, and pass the filters. */
export function countedSql(question: FunnelQuestion): Sql {
  const { request, leads } = question;
  const filters = filterSql(request.filters, { keep: 'sessions', rows: funnelRows(question) });
  return request.by === 'lead'
    ? sql`visitor_id IN ${param.uint64s(knownLeads(leads).visitors)} AND ${filters}`
    : request.by === 'session'
      ? sql`session_id != 0 AND ${filters}`
      : filters;
}

/** A number that is nobody's stands in for an empty list, which `transform` does not take. */
function knownLeads(leads: LeadUnits | undefined): LeadUnits {
  return leads && leads.visitors.length > 0 ? leads : { visitors: ['0'], leads: ['0'] };
}
