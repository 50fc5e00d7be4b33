import type { ClickHouse } from '../clickhouse/client.ts';
import type { HousePart, HouseParts } from '../contract/house.ts';
import { matchedEvent } from '../contract/match.ts';
import type { Signal } from '../contract/signal.ts';
import type { ErrorDetail } from '../errors.ts';
import { seen } from '../queries/seen.ts';
import { matchOf } from './house-signals.ts';
import { routingWarnings } from './routing-mistakes.ts';

/** What is allowed and worth saying when a part of the rules is saved. */
export async function houseWarnings<Part extends HousePart>(
  clickhouse: ClickHouse,
  { siteId, part, rules, nowMs }: { siteId: number; part: Part; rules: HouseParts[Part]; nowMs: number },
): Promise<ErrorDetail[]> {
  const check: { [Key in HousePart]: (rules: HouseParts[Key]) => ErrorDetail[] | Promise<ErrorDetail[]> } = {
    routing: routingWarnings,
    clocks: ({ accountable }) =>
      accountable ? [] : [{ path: 'accountable', message: 'Nobody is told by name when a clock runs out.' }],
    definition: ({ lead, marketing, sales, agreed }) =>
      [
        ...(['marketing', 'sales'] as const).flatMap((side) =>
          agreed[side]
            ? []
            : [{ path: `agreed.${side}`, message: `Nobody of ${side} has agreed to this definition yet.` }],
        ),
      ].concat(
        lead.length + marketing.length + sales.length === 0
          ? [{ path: 'lead', message: 'Without conditions everybody who is known is a lead.' }]
          : [],
      ),
    scoring: async ({ rules: scored }) => {
      const events = await seenEvents(clickhouse, { siteId, nowMs });
      return scored.flatMap(({ when }, index) => {
        const name = when.kind === 'field' ? null : eventOf(when);
        if (name === null || events.has(name)) return [];
        const message = `No event ${name} was seen in the last 30 days. The rule is kept and counts as soon as one comes.`;
        return [{ path: `rules.${index}.when`, message }];
      });
    },
  };
  return check[part](rules);
}

/** Null for what is not seen on the website. */
function eventOf(signal: Signal): string | null {
  return signal.kind === 'touch' ? null : matchedEvent(matchOf(signal));
}

async function seenEvents(
  clickhouse: ClickHouse,
  question: { siteId: number; nowMs: number },
): Promise<ReadonlySet<string>> {
  const { events, pages } = await seen(clickhouse, question);
  return new Set([...events.map(({ name }) => name), ...(pages.length > 0 ? ['pageview'] : [])]);
}
