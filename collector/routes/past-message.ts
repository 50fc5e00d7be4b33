import type { WebhookEvent } from '../contract/names.ts';
import type { AbandonmentData, WebhookMessage } from '../contract/webhooks.ts';
import { abandonmentMessage } from '../detection/payload.ts';
import { AppError } from '../errors.ts';
import { type CaseRow, intentOf } from '../state/cases.ts';
import type { State } from '../state/database.ts';
import { leadOfVisitors, visitorsOfSamePerson } from '../state/leads.ts';
import type { RuleBook } from '../state/rules.ts';
import type { SiteRecord } from '../state/sites.ts';
import { sampleMessage } from '../webhooks/events.ts';

export interface PastMessageDependencies {
  state: State;
  rules: Pick<RuleBook, 'version'>;
  now: () => number;
  /** Pages that visitors of a person saw before a moment, newest last. */
  viewed: (question: {
    siteId: number;
    visitorIds: readonly string[];
    beforeMs: number;
    limit: number;
  }) => Promise<AbandonmentData['viewed']>;
}

/** Cases that have been abandoned at some time are shown; those that wait or were finished in time have no message. */
const viewedPages = 20;

/**
 * The message of a past case as it was or would have been sent, or the sample. `wanted`: id of a case, or `latest`. A type that is
 * not about a case always gives the sample. Throws `not_found` for a case that is not there or was never abandoned.
 */
export async function pastMessage(
  deps: PastMessageDependencies,
  { site, type, wanted }: { site: SiteRecord; type: WebhookEvent; wanted: string | undefined },
): Promise<{ message: WebhookMessage; caseId: string | null }> {
  const sample = () => ({
    message: sampleMessage(type, { site: site.publicId, at: new Date(deps.now()).toISOString() }),
    caseId: null,
  });
  const isAboutCase = type.startsWith('abandonment.') || type === 'webhook.test';
  if (wanted === undefined || !isAboutCase) return sample();
  const row = await deps.state.db
    .selectFrom('cases')
    .selectAll()
    .where('site_id', '=', site.id)
    .where('abandoned_at', 'is not', null)
    .$if(wanted !== 'latest', (query) => query.where('id', '=', wanted))
    .orderBy('abandoned_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row) return { message: { ...(await messageOf(deps, { site, row, type })), type }, caseId: row.id };
  if (wanted === 'latest') return sample();
  throw new AppError('not_found', { message: 'There is no abandoned case with this id.' });
}

async function messageOf(
  deps: PastMessageDependencies,
  { site, row, type }: { site: SiteRecord; row: CaseRow; type: WebhookEvent },
): Promise<WebhookMessage> {
  const { state, rules, viewed } = deps;
  const sent = await state.db
    .selectFrom('deliveries')
    .select('body')
    .where('case_id', '=', row.id)
    .where('type', '=', type === 'abandonment.recovered' ? type : 'abandonment.created')
    .orderBy('follow_up')
    .limit(1)
    .executeTakeFirst();
  if (sent) return JSON.parse(sent.body) as WebhookMessage;
  const rule = rules.version(row.rule_id, row.rule_version);
  if (!rule) throw new AppError('not_found', { message: 'The rule of this case is gone.' });
  const people = await visitorsOfSamePerson(state, site.id, [row.visitor_id]);
  const message = abandonmentMessage({
    caseRow: row,
    intent: intentOf(row),
    rule,
    site,
    lead: (await leadOfVisitors(state, site.id, [row.visitor_id])).get(row.visitor_id),
    // A message without the pages seen is better than none.
    viewed: await viewed({
      siteId: site.id,
      visitorIds: people.get(row.visitor_id) ?? [row.visitor_id],
      beforeMs: row.due_at_ms,
      limit: viewedPages,
    }).catch(() => []),
    detectedAt: row.abandoned_at ?? row.occurred_at,
    followUp: 1,
    followUps: Math.max(1, rule.followUps.length),
  });
  return { ...message, data: { ...message.data } };
}
