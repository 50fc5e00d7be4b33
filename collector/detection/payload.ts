import { matchedEvent } from '../contract/match.ts';
import type { Rule } from '../contract/rule.ts';
import type { AbandonmentData, WebhookMessage } from '../contract/webhooks.ts';
import type { CaseRow, IntentRow } from '../state/cases.ts';
import type { LeadSummary } from '../state/leads.ts';
import type { SiteRecord } from '../state/sites.ts';
import { isTooLarge } from '../webhooks/outbox.ts';

export interface PayloadParts {
  caseRow: Pick<CaseRow, 'id' | 'rule_id' | 'key' | 'occurred_at' | 'visitor_id'>;
  intent: IntentRow;
  rule: Rule;
  site: Pick<SiteRecord, 'publicId' | 'domains' | 'settings'>;
  lead: LeadSummary | undefined;
  viewed: AbandonmentData['viewed'];
  detectedAt: string;
  followUp: number;
  followUps: number;
}

/** The message of one abandonment, cut to the size that webhooks may have. */
export function abandonmentMessage(parts: PayloadParts): WebhookMessage<AbandonmentData> {
  return cutToSize({ type: 'abandonment.created', timestamp: parts.detectedAt, data: abandonmentData(parts) });
}

function abandonmentData(parts: PayloadParts): AbandonmentData {
  const { caseRow, intent, rule, site, lead, viewed, detectedAt, followUp, followUps } = parts;
  return {
    id: caseRow.id,
    site: site.publicId,
    rule: rule.name,
    ruleId: caseRow.rule_id,
    kind: rule.kind,
    state: 'abandoned',
    occurredAt: caseRow.occurred_at,
    detectedAt,
    step: matchedEvent(rule.intent) === 'pageview' ? intent.path : intent.name,
    key: caseRow.key,
    page: intent.title,
    url: pageOf(intent, site),
    resumeUrl: resumeUrl(intent, site),
    value: intent.value === 0 ? null : intent.value,
    currency: intent.value === 0 ? null : intent.currency || site.settings.currency,
    visitor: caseRow.visitor_id,
    email: lead?.email ?? null,
    phone: lead?.phone ?? null,
    name: lead?.name ?? null,
    leadId: lead?.id ?? null,
    stage: lead?.stage ?? null,
    score: lead?.score ?? null,
    temperature: lead?.temperature ?? null,
    consent: intent.persistent === 1 ? 'granted' : 'cookieless',
    source: intent.source,
    medium: intent.medium,
    campaign: intent.campaign,
    referrer: intent.referrer,
    channel: intent.channel,
    country: intent.country,
    device: intent.device,
    followUp,
    followUps,
    viewed,
    intent: { event: intent.name, props: intent.props },
  };
}

/**
 * Where to take the person back to: `resume_url` of the event where it lies on the site's own domains (else anybody could put a
 * link of theirs into the owner's messages), else the page of the intent.
 */
export function resumeUrl(
  intent: Pick<IntentRow, 'props' | 'host' | 'origin' | 'path'>,
  site: Pick<SiteRecord, 'domains'>,
): string {
  const page = pageOf(intent, site);
  const given = intent.props.resume_url;
  if (!given || !URL.canParse(given)) return page;
  const url = new URL(given);
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  const isOwn =
    url.hostname === intent.host ||
    site.domains.some((domain) => url.hostname === domain || url.hostname.endsWith(`.${domain}`));
  return isWeb && isOwn ? url.href : page;
}

/** The page of the intent; a server that names only a path means the site's first domain. */
function pageOf(intent: Pick<IntentRow, 'origin' | 'path'>, site: Pick<SiteRecord, 'domains'>): string {
  return `${intent.origin || `https://${site.domains[0] ?? ''}`}${intent.path}`;
}

/** Drops the oldest viewed page until the message is small enough, then the longest properties of the intent. */
function cutToSize(message: WebhookMessage<AbandonmentData>): WebhookMessage<AbandonmentData> {
  const data = { ...message.data, viewed: [...message.data.viewed], intent: { ...message.data.intent } };
  const fitted = { ...message, data };
  while (isTooLarge(fitted) && data.viewed.length > 0) data.viewed.shift();
  while (isTooLarge(fitted) && Object.keys(data.intent.props).length > 0) {
    const [longest] = Object.entries(data.intent.props).toSorted(([, a], [, b]) => b.length - a.length);
    data.intent.props = Object.fromEntries(Object.entries(data.intent.props).filter(([key]) => key !== longest?.[0]));
  }
  return fitted;
}
