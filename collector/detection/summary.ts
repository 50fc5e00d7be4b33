import type { Kysely } from 'kysely';
import type { AbandonmentsSummary } from '../contract/abandonment.ts';
import { addDays, localDate, type Span } from '../queries/range.ts';
import { casesToSum } from '../state/cases.ts';
import type { StateSchema } from '../state/schema.ts';
import type { SiteRecord } from '../state/sites.ts';

/** What became of the intents of a range, in all and by the day of the intent in the site's zone. */
export async function summarise(
  db: Kysely<StateSchema>,
  site: Pick<SiteRecord, 'id' | 'timezone' | 'settings'>,
  { span, ruleId }: { span: Span; ruleId: string | undefined },
): Promise<AbandonmentsSummary> {
  const rows = await casesToSum(db, {
    siteId: site.id,
    ruleId,
    from: new Date(span.fromMs).toISOString(),
    to: new Date(span.toMs).toISOString(),
  });
  const { currency } = site.settings;
  const isOurs = (written: string | null) => !written || written === currency;
  const days = new Map(daysOf(span, site.timezone).map((on) => [on, newDay(on)]));
  const total = { ...newDay(''), abandonedValue: 0, otherCurrencies: 0, waiting: 0 };
  for (const row of rows) {
    if (row.abandoned_at === null) {
      total.waiting += 1;
      continue;
    }
    const day = days.get(localDate(Date.parse(row.occurred_at), site.timezone));
    const isNotified = row.notified_at !== null ? 1 : 0;
    const isRecovered = row.recovered_at !== null ? 1 : 0;
    const money =
      row.recovered_value === null
        ? { value: row.value, currency: row.currency }
        : { value: row.recovered_value, currency: row.recovered_currency };
    const value = isRecovered && isOurs(money.currency) ? money.value : 0;
    if (!isOurs(row.currency) || (isRecovered && !isOurs(money.currency))) total.otherCurrencies += 1;
    if (isOurs(row.currency)) total.abandonedValue += row.value;
    for (const sum of day ? [total, day] : [total]) {
      sum.abandoned += 1;
      sum.notified += isNotified;
      sum.recovered += isRecovered;
      sum.recoveredValue += value;
    }
  }
  const { on: _on, ...sums } = total;
  return { ...sums, currency, trend: [...days.values()] };
}

function newDay(on: string): AbandonmentsSummary['trend'][number] {
  return { on, abandoned: 0, notified: 0, recovered: 0, recoveredValue: 0 };
}

function daysOf({ fromMs, toMs }: Span, timezone: string): string[] {
  const last = localDate(toMs - 1, timezone);
  const days = [];
  for (let on = localDate(fromMs, timezone); on <= last; on = addDays(on, 1)) days.push(on);
  return days;
}
