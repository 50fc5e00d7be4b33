import { type EventRow, fromTimestamp } from '../../collector/contract/row.ts';

export interface FoldedSession {
  id: string;
  visitor: string;
  started: number;
  ended: number;
  pageviews: number;
  events: number;
  engagedMs: number;
  entry: string;
  exit: string;
  country: string;
  device: string;
  source: string;
}

/** Sessions of events, the slow obvious way: one after the other. Sessions of nothing but `engagement` are none. */
export function foldSessions(rows: EventRow[]): FoldedSession[] {
  const bySession = new Map<string, EventRow[]>();
  for (const row of rows) bySession.set(row.session_id, [...(bySession.get(row.session_id) ?? []), row]);
  return [...bySession].flatMap(([id, all]) => {
    const own = all.toSorted((a, b) => fromTimestamp(a.ts) - fromTimestamp(b.ts) || a.seq - b.seq);
    const views = own.filter(({ name }) => name === 'pageview');
    const first = own[0];
    const last = own.at(-1);
    const events = own.filter(({ name }) => name !== 'engagement').length;
    if (!first || !last || events === 0) return [];
    const engaged = new Map<string, number>();
    for (const { page_id, engaged_ms } of own) engaged.set(page_id, Math.max(engaged.get(page_id) ?? 0, engaged_ms));
    return [
      {
        id,
        visitor: first.visitor_id,
        started: fromTimestamp(first.ts),
        ended: fromTimestamp(last.ts),
        pageviews: views.length,
        events,
        engagedMs: [...engaged.values()].reduce((sum, ms) => sum + ms, 0),
        entry: views[0]?.path ?? '',
        exit: views.at(-1)?.path ?? '',
        country: first.country,
        device: first.device,
        source: first.source,
      },
    ];
  });
}
