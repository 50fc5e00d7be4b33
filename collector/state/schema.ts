import type { Generated } from 'kysely';
import type { HousePart } from '../contract/house.ts';
import type {
  LeadClock,
  LeadConsent,
  LeadEventKind,
  LeadStage,
  Qualified,
  Temperature,
  TouchKind,
} from '../contract/leads.ts';
import type {
  CaseEvent,
  CaseState,
  Channel,
  DeliveryState,
  KeyScope,
  UserRole,
  WebhookEvent,
} from '../contract/names.ts';
import type { DisabledBy, EndpointKind } from '../contract/webhooks.ts';

/**
 * The tables of `migrations/`, as kysely sees them. `…_at` is ISO 8601 UTC text, `…_ms` milliseconds since 1970, `0 | 1` a yes or no;
 * columns whose comment says JSON are parsed and checked by the module that owns the table.
 */
export interface StateSchema {
  sites: {
    id: Generated<number>;
    public_id: string;
    name: string;
    /** JSON: string[] */
    domains: string;
    timezone: string;
    /** JSON: SiteSettings */
    settings: string;
    created_at: string;
    first_event_at: string | null;
    deleted_at: string | null;
    /** Since then only the number is left of a deleted site. */
    erased_at: string | null;
  };
  users: { id: string; email: string; password_hash: string; role: UserRole; created_at: string };
  login_sessions: { token_hash: string; user_id: string; created_at_ms: number; last_seen_at_ms: number };
  setup_tokens: { token_hash: string; created_at: string };
  api_keys: {
    id: string;
    name: string;
    scope: KeyScope;
    site_id: number | null;
    prefix: string;
    secret_hash: string;
    created_at: string;
    last_used_at: string | null;
  };
  salts: { day: string; salt: string };
  funnels: {
    id: string;
    site_id: number;
    name: string;
    /** JSON: the funnel request without its range */
    definition: string;
    created_at: string;
  };
  /** JSON in `definition`: Goal */
  goals: { id: string; site_id: number; definition: string; created_at: string };
  /** JSON in `definition`: Segment */
  segments: { id: string; site_id: number; definition: string; created_at: string };
  /** JSON in `definition`: LeadView */
  lead_views: { id: string; site_id: number; definition: string; created_at: string };
  lead_photos: {
    id: string;
    site_id: number;
    lead_id: string;
    type: string;
    bytes: number;
    content: Uint8Array;
    created_at: string;
  };
  inbound_hooks: {
    id: string;
    site_id: number;
    preset: string;
    secret_hash: string;
    created_at: string;
    received: Generated<number>;
    last_at: string | null;
    last_problem: string | null;
  };
  /** JSON in `definition`: Annotation */
  annotations: { id: string; site_id: number; definition: string; created_at: string };
  rules: {
    id: string;
    site_id: number;
    version: number;
    /** JSON: Rule */
    definition: string;
    enabled: 0 | 1;
    created_at: string;
    updated_at: string;
    deleted_at: string | null;
  };
  rule_versions: { rule_id: string; version: number; definition: string; created_at: string };
  endpoints: {
    id: string;
    site_id: number;
    name: string;
    url: string;
    /** JSON: WebhookEvent[] */
    events: string;
    /** Sealed JSON: SigningKey[] */
    secret: string;
    enabled: 0 | 1;
    disabled_reason: string | null;
    failing_since: string | null;
    created_at: string;
    deleted_at: string | null;
    kind: Generated<EndpointKind>;
    template: string | null;
    /** JSON: Record<header name, sealed value> */
    headers: Generated<string>;
    disabled_by: DisabledBy | null;
    disabled_at: string | null;
    tested_at: string | null;
    test_error: string | null;
    failures: Generated<number>;
    paused_until_ms: Generated<number>;
    recovering_since_ms: number | null;
  };
  cases: {
    id: string;
    site_id: number;
    rule_id: string;
    rule_version: number;
    dedup_key: string;
    visitor_id: string;
    session_id: string;
    key: string;
    state: CaseState;
    reason: string | null;
    /** JSON: the row of `intents` */
    intent: string;
    occurred_at: string;
    occurred_seq: number;
    received_at_ms: number;
    due_at_ms: number;
    abandoned_at: string | null;
    notified_at: string | null;
    recovered_at: string | null;
    created_at: string;
    /** Lead id, else visitor id, for whom the case was judged; null before. */
    person: Generated<string | null>;
    /** JSON: CaseCheck[]; null before the case is judged. */
    checks: Generated<string | null>;
    value: Generated<number>;
    currency: Generated<string>;
    recovered_value: Generated<number | null>;
    recovered_currency: Generated<string | null>;
  };
  case_events: {
    id: Generated<number>;
    case_id: string;
    name: CaseEvent;
    at_ms: number;
    state: CaseState;
    reason: string | null;
    lease_until_ms: Generated<number>;
  };
  case_history: {
    id: Generated<number>;
    case_id: string;
    at: string;
    state: CaseState;
    reason: string | null;
    note: string | null;
  };
  deliveries: {
    id: string;
    dedup_key: string;
    site_id: number;
    endpoint_id: string;
    case_id: string | null;
    follow_up: Generated<number>;
    type: WebhookEvent;
    body: string;
    state: DeliveryState;
    state_note: string | null;
    attempt_count: Generated<number>;
    next_at_ms: number;
    lease_until_ms: Generated<number>;
    created_at: string;
    delivered_at: string | null;
    sent_body: string | null;
  };
  attempts: {
    id: Generated<number>;
    delivery_id: string;
    at: string;
    status: number | null;
    error: string | null;
    ms: number;
    response: string;
    /** JSON: Attempt['request'] */
    request: string | null;
    endpoint_id: string | null;
  };
  leads: LeadsTable;
  lead_visitors: {
    site_id: number;
    visitor_id: string;
    lead_id: string;
    since: string;
    said_lead_id: Generated<string>;
  };
  lead_events: {
    seq: Generated<number>;
    id: string;
    site_id: number;
    lead_id: string;
    at_ms: number;
    recorded_at_ms: number;
    kind: LeadEventKind;
    /** JSON: LeadEventData of the kind */
    data: string;
    actor: string;
    source_id: string | null;
  };
  lead_identities: {
    site_id: number;
    kind: 'email' | 'phone' | 'external';
    value: string;
    lead_id: string;
    since: string;
  };
  lead_spans: {
    site_id: number;
    lead_id: string;
    n: number;
    from_ms: number;
    to_ms: number;
    stage: LeadStage;
    entered: 0 | 1;
    open: 0 | 1;
    owner_id: string | null;
    next_step_at_ms: number | null;
    clock_due_ms: number | null;
    leaks_at_ms: number | null;
  };
  /** JSON in `event`: ServerEvent */
  lead_outbox: { id: Generated<number>; site_id: number; event: string };
  /** JSON in `rules`: the part, as the contract has it */
  house_rules: {
    site_id: number;
    part: HousePart;
    version: number;
    rules: string;
    saved_at: string;
    saved_by: string;
  };
  lead_hits: {
    lead_id: string;
    site_id: number;
    visitors: string;
    signals: string;
    /** JSON: Record<string, StoredHit[]> */
    hits: string;
    country: string;
    region: string;
  };
  owner_turns: { site_id: number; owner_id: string; given_on: string; given: number; last_turn: number };
  source_costs: {
    id: string;
    site_id: number;
    source: string;
    campaign: string;
    from_on: string;
    to_on: string;
    amount: number;
    currency: string;
    note: string;
    created_at: string;
  };
  dropped_events: { site_id: number; quarter_ms: number; reason: string; count: number };
  watermarks: { name: string; value: string };
  /** Visitors whose events up to a moment are erased. */
  erasures: { site_id: number; visitor_id: string; at_ms: number; done: 0 | 1 };
  backups: { folder: string; made_at: string };
}

/** What folding the events of a lead gives, besides its ids. */
interface LeadsTable {
  id: string;
  site_id: number;
  person_id: string;
  merged_into: Generated<string | null>;
  number: number;
  email: string | null;
  phone: string | null;
  external_id: string | null;
  name: string | null;
  company: string | null;
  /** JSON: Record<string, string | number | boolean> */
  traits: string;
  created_at: string;
  updated_at: string;
  stage: Generated<LeadStage>;
  stage_at_ms: Generated<number>;
  lost_reason: Generated<string | null>;
  value: Generated<number>;
  currency: Generated<string>;
  kind: Generated<string>;
  owner_id: Generated<string | null>;
  owner_at_ms: Generated<number | null>;
  accepted_at_ms: Generated<number | null>;
  next_step: Generated<string | null>;
  next_step_at_ms: Generated<number | null>;
  clock: Generated<LeadClock | null>;
  clock_due_ms: Generated<number | null>;
  neglected_at_ms: Generated<number | null>;
  nurture_reason: Generated<string | null>;
  wake_at_ms: Generated<number | null>;
  /** JSON: WakeOn */
  wake_on: Generated<string | null>;
  recycle_count: Generated<number>;
  score: Generated<number>;
  temperature: Generated<Temperature>;
  qualified: Generated<Qualified>;
  definition_version: Generated<number | null>;
  judge_at_ms: Generated<number | null>;
  first_reply_at_ms: Generated<number | null>;
  reached_at_ms: Generated<number | null>;
  last_touch_at_ms: Generated<number | null>;
  last_touch_channel: Generated<Channel | null>;
  last_touch_kind: Generated<TouchKind | null>;
  touch_count: Generated<number>;
  active_at_ms: Generated<number>;
  began_at_ms: Generated<number>;
  first_channel: Generated<string>;
  first_source: Generated<string>;
  first_medium: Generated<string>;
  first_campaign: Generated<string>;
  last_channel: Generated<string>;
  last_source: Generated<string>;
  last_medium: Generated<string>;
  last_campaign: Generated<string>;
  consent: Generated<LeadConsent>;
  consent_at_ms: Generated<number | null>;
  leaks_at_ms: Generated<number | null>;
  /** In small letters; addresses, numbers and ids also where another one was said later. */
  search_text: Generated<string>;
}
