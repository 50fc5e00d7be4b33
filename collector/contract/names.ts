/** The closed vocabularies of Telltale. A new word is added here first; every `Record` keyed by one of these then asks for it. */

/** Why an event was not kept. Counted, sent back in `x-telltale-dropped`, shown on the install screen. */
export const dropReasons = ['bot', 'origin', 'unknown-site', 'consent', 'rate', 'invalid', 'duplicate'] as const;
export type DropReason = (typeof dropReasons)[number];

export const channels = [
  'direct',
  'organic_search',
  'paid_search',
  'organic_social',
  'paid_social',
  'email',
  'referral',
  'display',
  'affiliate',
  'sms',
  'phone',
  'chat',
  'meeting',
  'event',
  'letter',
  'other',
] as const;
export type Channel = (typeof channels)[number];

/**
 * Kinds of events that the tracker sends by itself beside page views and engagement, each of which an owner can switch off: clicks on
 * links to other sites, downloads, contacts (tel:, mailto:, messengers), forms, pages that are not there, rage and dead clicks, and what
 * the page tells Google Tag Manager or Segment.
 */
export const autoEvents = ['outbound', 'downloads', 'contacts', 'forms', 'notFound', 'clicks', 'dataLayer'] as const;
export type AutoEvent = (typeof autoEvents)[number];

export const devices = ['desktop', 'mobile', 'tablet', 'other'] as const;
export type Device = (typeof devices)[number];

export const ruleKinds = ['browse', 'form', 'booking', 'quote', 'cart', 'checkout', 'custom'] as const;
export type RuleKind = (typeof ruleKinds)[number];

/** `waiting` → `abandoned` → `notified` → `recovered` / `expired`; or `waiting` → `suppressed`, with a reason. */
export const caseStates = ['waiting', 'abandoned', 'notified', 'recovered', 'expired', 'suppressed'] as const;
export type CaseState = (typeof caseStates)[number];

/** Why a case stopped without a message. `completed`: the visitor finished within the wait, so nothing leaked. */
export const suppressReasons = [
  'completed',
  'bot',
  'cooldown',
  'person-cap',
  'holdout',
  'quiet-hours',
  'not-identified',
  'no-consent',
  'rule-disabled',
  'rule-deleted',
  'endpoint-disabled',
] as const;
export type SuppressReason = (typeof suppressReasons)[number];

/** What is looked at to decide whether a case is written about, in this order. The last two are about what came of it. */
const caseChecks = [
  'intent',
  'arrival',
  'rule',
  'wait',
  'completion',
  'bot',
  'cooldown',
  'identity',
  'consent',
  'endpoint',
  'quiet-hours',
  'person-cap',
  'holdout',
  'message',
  'recovery',
] as const;
export type CaseCheckName = (typeof caseChecks)[number];

/**
 * Events that Telltale itself writes about its cases, so that a funnel can have "abandoned" as a step. They belong to no session and
 * no rule reads them. `abandonment`: a wait ended without a completion, whether or not a message goes out.
 */
export const caseEvents = [
  'abandonment',
  'abandonment_notified',
  'abandonment_recovered',
  'abandonment_expired',
  'abandonment_suppressed',
] as const;
export type CaseEvent = (typeof caseEvents)[number];

/** Events that the tracker sends by itself; docs/tracker-events.md says when. A site may be without one of them for a month. */
export const trackerEvents = [
  'pageview',
  'engagement',
  'outbound_click',
  'file_download',
  'contact_click',
  'form_start',
  'form_field',
  'form_submit',
  'form_abandon',
  'rage_click',
  'dead_click',
  'not_found',
] as const;
export type TrackerEvent = (typeof trackerEvents)[number];

/** Tools whose calls the tracker can overhear. */
export const overheardTools = ['ga4', 'segment'] as const;
export type OverheardTool = (typeof overheardTools)[number];

/** Events that the ledger writes about leads besides their touches, on the lead's own visitor and in no session. */
export const leadEvents = ['lead_stage', 'lead_owner', 'lead_first_reply'] as const;

export const webhookEvents = [
  'abandonment.created',
  'abandonment.recovered',
  'lead.created',
  'lead.updated',
  'lead.assigned',
  'lead.hot',
  'lead.neglected',
  'lead.recycled',
  'lead.won',
  'lead.lost',
  'leak.detected',
  'funnel.people',
  'report.weekly',
  'webhook.test',
] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** `cancelled`: a recovery or a disabled endpoint took the message back before it was sent. */
export const deliveryStates = ['pending', 'delivered', 'failed', 'cancelled'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

export const userRoles = ['owner', 'editor', 'viewer'] as const;
export type UserRole = (typeof userRoles)[number];

export const keyScopes = ['ingest', 'read', 'admin'] as const;
export type KeyScope = (typeof keyScopes)[number];

/** Dimensions of filters and breakdowns. `prop:KEY` is one more for every property key. */
export const dimensions = [
  'path',
  'entry_path',
  'exit_path',
  'host',
  'event',
  'channel',
  'source',
  'medium',
  'campaign',
  'term',
  'content',
  'referrer',
  'country',
  'region',
  'city',
  'device',
  'browser',
  'os',
  'language',
] as const;
export type Dimension = (typeof dimensions)[number];

export const metrics = [
  'visitors',
  'sessions',
  'pageviews',
  'events',
  'bounceRate',
  'sessionSeconds',
  'engagedSeconds',
] as const;
export type Metric = (typeof metrics)[number];

export const intervals = ['hour', 'day', 'week', 'month'] as const;
export type Interval = (typeof intervals)[number];
