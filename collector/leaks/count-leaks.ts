import type { ClickHouse } from '../clickhouse/client.ts';
import type { Leak } from '../contract/leaks.ts';
import type { Filter, Match } from '../contract/match.ts';
import { funnel } from '../queries/funnel.ts';

interface CountLeaks {
  siteId: number;
  timezone: string;
  filters: readonly Filter[] | undefined;
  /** Where counting ends, ISO 8601. */
  through: string;
}

/**
 * The leaks with the numbers of the very funnels that they open as. The counts they were found in put a visit on the one day it came
 * to the place, and may be of one visit in several, so visits over midnight and chance would make the two differ.
 */
export async function countLeaks(
  clickhouse: ClickHouse,
  leaks: readonly Leak[],
  question: CountLeaks,
): Promise<Leak[]> {
  const counted: Leak[] = [];
  // One after the other: a report is no reason to let every other question wait.
  for (const leak of leaks) counted.push(await countLeak(clickhouse, leak, question));
  return counted;
}

async function countLeak(clickhouse: ClickHouse, leak: Leak, question: CountLeaks): Promise<Leak> {
  // Visits without consent are no funnel.
  if (JSON.stringify(leak.from) === JSON.stringify(leak.to)) return leak;
  const whole = await countSteps(clickhouse, leak, leak.from, question);
  const { lost } = leak.at ? await countSteps(clickhouse, leak, leak.at, question) : whole;
  const share = (part: number) => (whole.reached > 0 ? Math.min(1, Math.max(0, part / whole.reached)) : 0);
  return { ...leak, reached: whole.reached, lost, rate: share(lost), baseline: share(lost - leak.excess) };
}

async function countSteps(
  clickhouse: ClickHouse,
  { to, countedFrom }: Leak,
  from: Match,
  { siteId, timezone, filters, through }: CountLeaks,
): Promise<{ reached: number; lost: number }> {
  const { steps } = await funnel(clickhouse, {
    siteId,
    timezone,
    request: {
      from: countedFrom,
      to: through,
      by: 'session',
      order: 'ordered',
      window: '24h',
      steps: [{ match: from }, { match: to }],
      ...(filters ? { filters: [...filters] } : {}),
    },
  });
  return { reached: steps[0]?.count ?? 0, lost: steps[0]?.dropped ?? 0 };
}
