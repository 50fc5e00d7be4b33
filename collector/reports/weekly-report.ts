import type { ClickHouse } from '../clickhouse/client.ts';
import type { StoredGoal } from '../contract/manage.ts';
import type { WeeklyReportData } from '../contract/webhooks.ts';
import { summarise } from '../detection/summary.ts';
import { balance } from '../leads/balance.ts';
import { weekly } from '../leads/weekly-questions.ts';
import { goalsOfSite } from '../leaks/goals-of-site.ts';
import { leaksReport } from '../leaks/leaks-report.ts';
import { goalReport } from '../queries/goal-report.ts';
import { addDays, toSpan } from '../queries/range.ts';
import { toWeek, weekOf } from '../queries/week.ts';
import type { State } from '../state/database.ts';
import type { SiteRecord } from '../state/sites.ts';

const shownLeaks = 3;
const shownSources = 5;

/** How the week went that ends on `monday` (a date in the site's zone), beside the week before. */
export async function weeklyReport(
  { state, clickhouse }: { state: State; clickhouse: ClickHouse },
  { site, monday, nowMs }: { site: SiteRecord; monday: string; nowMs: number },
): Promise<WeeklyReportData> {
  const week = { from: addDays(monday, -7), to: monday };
  const before = { from: addDays(monday, -14), to: week.from };
  const { timezone } = site;
  const question = { siteId: site.id, week: toWeek(weekOf(week.from), { timezone, nowMs }), nowMs };
  const [asked, accounted, goals, leaks, cases, casesBefore] = await Promise.all([
    weekly(state.db, question),
    balance(state.db, question),
    goalReport(clickhouse, {
      siteId: site.id,
      timezone,
      goals: await storedGoals(state, site.id),
      request: { ...week, compare: 'previous' },
    }),
    leaksReport({ state, clickhouse }, { siteId: site.id, timezone, request: week, nowMs }),
    summarise(state.db, site, { span: toSpan(week, timezone), ruleId: undefined }),
    summarise(state.db, site, { span: toSpan(before, timezone), ruleId: undefined }),
  ]);
  const sum = (results: { result: { conversions: number } }[]) =>
    results.reduce((all, { result }) => all + result.conversions, 0);
  const id = weekOf(week.from);
  const report = {
    id: `${site.publicId}-${id}`,
    site: site.publicId,
    siteName: site.name,
    week: id,
    ...week,
    visitors: goals.visitors,
    visitorsBefore: goals.comparison?.visitors ?? 0,
    conversions: sum(goals.goals),
    conversionsBefore: sum(goals.comparison?.goals ?? []),
    abandoned: cases.abandoned,
    abandonedBefore: casesBefore.abandoned,
    notified: cases.notified,
    notifiedBefore: casesBefore.notified,
    recovered: cases.recovered,
    recoveredBefore: casesBefore.recovered,
    recoveredValue: cases.recoveredValue,
    recoveredValueBefore: casesBefore.recoveredValue,
    currency: site.settings.currency,
    leadsIn: asked.in,
    leadsReached: asked.reached,
    appointments: asked.appointments,
    proposals: asked.proposals,
    closedDeals: asked.closed,
    cameFrom: asked.cameFrom
      .slice(0, shownSources)
      .map(({ source, channel, leads }) => ({ source: source || channel || 'unknown', leads })),
    leadsLeaking: accounted.leaking,
    leaks: leaks.items
      .slice(0, shownLeaks)
      .map(({ where, sentence, lost, moneyAtRisk }) => ({ where, sentence, lost, moneyAtRisk })),
  };
  return { ...report, summary: summaryOf(report) };
}

async function storedGoals(state: State, siteId: number): Promise<StoredGoal[]> {
  const goals = await goalsOfSite(state, siteId);
  return goals.map(({ name, match, value }, index) => ({
    id: String(index),
    createdAt: '',
    name,
    match,
    ...(value === null ? {} : { value }),
  }));
}

function summaryOf(report: Omit<WeeklyReportData, 'summary'>): string {
  const parts = [
    `${counted(report.visitors, 'visitor')}${changeOf(report.visitors, report.visitorsBefore)}`,
    `${counted(report.conversions, 'conversion')}${changeOf(report.conversions, report.conversionsBefore)}`,
  ];
  const recovered =
    report.abandoned === 0
      ? 'no abandonments'
      : `${report.recovered.toLocaleString('en')} of ${counted(report.abandoned, 'abandonment')} recovered`;
  return `${parts.join(', ')}, ${recovered}.`;
}

function counted(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}

/** Nothing where there was nothing before: growth from zero has no percentage. */
function changeOf(now: number, before: number): string {
  if (before === 0) return '';
  const percent = Math.round((now / before - 1) * 100);
  return ` (${percent < 0 ? '−' : '+'}${Math.abs(percent)} %)`;
}
