import { siteSettings } from '../contract/manage.ts';
import type { Batch } from '../ingest/draft.ts';
import { createPageUrls } from '../ingest/page-urls.ts';
import { createSessionBook } from '../ingest/session-book.ts';
import type { Knowledge } from '../ingest/steps.ts';
import { createUserAgents } from '../ingest/user-agent.ts';
import { createNamedVisitors } from '../ingest/visitor-id.ts';
import { type HistoryLine, readHistoryEvent } from './history-event.ts';
import { countDropped, type ImportSummary, newSummary, noteBadLine } from './summary.ts';

/** Reads events as an import would, as far as that needs no site and no database. */
export function checkHistory(now: () => number): { take(lines: readonly HistoryLine[]): void; end(): ImportSummary } {
  const summary = newSummary();
  const site = { id: 0, publicId: '', name: '', domains: [], timezone: 'UTC', createdAt: '', firstEventAt: null };
  const batch: Batch = {
    from: 'server',
    site: { ...site, settings: siteSettings.parse({}) },
    now: now(),
    header: () => undefined,
    address: '',
    history: true,
  };
  const knowledge: Knowledge = {
    salts: { today: () => '', yesterday: () => '' },
    sessions: createSessionBook(),
    seen: { has: () => false, add: () => {} },
    inFlight: new Map(),
    userAgent: createUserAgents(),
    parseUrl: createPageUrls(),
    visitorNamed: createNamedVisitors(),
    country: () => '',
    matchersFor: () => [],
  };
  return {
    take(lines) {
      for (const line of lines) {
        summary.read += 1;
        const result = readHistoryEvent(line, batch, knowledge);
        if ('event' in result) summary.kept += 1;
        else if (result.drop.reason === 'invalid')
          noteBadLine(summary, { line: line.number, problem: result.drop.detail });
        else countDropped(summary, result.drop.reason);
      }
    },
    end: () => summary,
  };
}
