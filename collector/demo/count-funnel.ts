import type { FunnelRequest } from '../contract/funnel.ts';
import type { Filter } from '../contract/match.ts';
import { compileMatch } from '../contract/pattern.ts';
import { durationMs } from '../contract/time.ts';
import { midnightMs, type Visit } from './visitors.ts';

/** One thing that one visitor did, with what filters ask for. */
interface Moment {
  at: number;
  row: { name: string; path: string; host: string; props: Record<string, string> };
  device: string;
  campaign: string;
}

/** What each visitor did, one list per visitor, oldest first. */
export function byVisitor(visits: Iterable<Visit>): Moment[][] {
  const people = new Map<string, Moment[]>();
  for (const visit of visits) {
    const moments = people.get(visit.person.visitor) ?? [];
    people.set(visit.person.visitor, moments);
    const campaign = new URLSearchParams(visit.source.query).get('utm_campaign') ?? '';
    for (const act of visit.acts) {
      const props = Object.fromEntries(Object.entries(act.props ?? {}).map(([key, value]) => [key, String(value)]));
      const row = { name: act.name, path: act.path.replace(/\?.*/, ''), host: 'localhost', props };
      moments.push({ at: visit.startedAt + act.second * 1000, row, device: visit.person.device, campaign });
    }
  }
  // Stable: what happens in one second of a visit stays in its order.
  return [...people.values()].map((moments) => moments.sort((one, other) => one.at - other.at));
}

/**
 * Visitors at each step of an ordered funnel, counted the slow obvious way: one visitor after the other, one attempt after the
 * other. It knows filters on device and campaign, which is all that the planted leaks ask for.
 */
export function countFunnel(people: readonly Moment[][], funnel: FunnelRequest): number[] {
  const steps = funnel.steps.map((step) => compileMatch(step.match));
  const from = midnightMs(funnel.from);
  const to = midnightMs(funnel.to);
  const windowMs = durationMs(funnel.window);
  const counts = steps.map(() => 0);

  for (const person of people) {
    const moments = person.filter((moment) => (funnel.filters ?? []).every((filter) => passes(moment, filter)));
    let deepest = 0;
    for (const [index, first] of moments.entries()) {
      if (first.at < from || first.at >= to || !steps[0]?.(first.row)) continue;
      let reached = 1;
      for (const moment of moments.slice(index + 1)) {
        if (moment.at > first.at + windowMs) break;
        if (steps[reached]?.(moment.row)) reached += 1;
      }
      deepest = Math.max(deepest, reached);
    }
    for (let step = 0; step < deepest; step++) counts[step] = (counts[step] ?? 0) + 1;
  }
  return counts;
}

function passes(moment: Moment, filter: Filter): boolean {
  if (filter.dimension !== 'device' && filter.dimension !== 'campaign') {
    throw new Error(`the demo's counts know no filter on ${filter.dimension}`);
  }
  return filter.value.includes(moment[filter.dimension]) === (filter.op === 'is');
}
