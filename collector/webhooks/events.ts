import type { WebhookEvent } from '../contract/names.ts';
import type {
  AbandonmentData,
  FunnelPeopleData,
  LeadData,
  LeakData,
  WebhookMessage,
  WeeklyReportData,
} from '../contract/webhooks.ts';

interface SampleContext {
  /** Public id of the site. */
  site: string;
  /** ISO 8601. */
  at: string;
}

export interface WebhookEventEntry {
  /** When it is sent, as a sentence. */
  description: string;
  /** `data` with every field filled. */
  sample: (context: SampleContext) => object;
  /** Fields of `data` as they are where little is known: a template must work with these too. */
  sparse: object;
}

const sparseAbandonment: Partial<AbandonmentData> = {
  page: '',
  value: null,
  currency: null,
  email: null,
  phone: null,
  name: null,
  leadId: null,
  stage: null,
  score: null,
  temperature: null,
  source: '',
  medium: '',
  campaign: '',
  referrer: '',
  viewed: [],
  intent: { event: 'booking_start', props: {} },
};
const sparseLead: Partial<LeadData> = {
  email: null,
  phone: null,
  name: null,
  company: null,
  externalId: null,
  visitor: '',
  kind: '',
  owner: null,
  nextStep: null,
  nextStepAt: null,
  answerBy: null,
  value: null,
  currency: null,
  source: '',
  medium: '',
  campaign: '',
  channel: '',
  traits: {},
};

const lead = ({ site, at }: SampleContext): LeadData => ({
  id: 'led_sample',
  site,
  email: 'ana@example.com',
  phone: '+49301234567',
  name: 'Ana Example',
  company: 'Example GmbH',
  externalId: 'crm-17',
  visitor: '1234567890123456789',
  createdAt: at,
  stage: 'contacted',
  kind: 'quote',
  owner: 'sales@example.com',
  nextStep: 'Send the offer',
  nextStepAt: at,
  answerBy: at,
  score: 42,
  temperature: 'warm',
  qualified: 'marketing',
  lostReason: null,
  value: 900,
  currency: 'EUR',
  source: 'google',
  medium: 'cpc',
  campaign: 'autumn',
  channel: 'paid_search',
  consent: 'granted',
  recycleCount: 0,
  neglected: null,
  traits: { plan: 'pro' },
});

/** Every message type: when it is sent and what it looks like. The docs page and `GET /hooks/samples/EVENT` come from here. */
export const webhookCatalogue: Record<WebhookEvent, WebhookEventEntry> = {
  'abandonment.created': {
    description: 'A follow-up of a rule is due and the case is still abandoned.',
    sample: ({ site, at }) => sampleAbandonment(site, at),
    sparse: sparseAbandonment,
  },
  'abandonment.recovered': {
    description: 'A case that was written about has been completed after all. `data.id` is that of the case.',
    sample: ({ site, at }) => ({ ...sampleAbandonment(site, at), state: 'recovered' }),
    sparse: sparseAbandonment,
  },
  'lead.created': {
    description: 'A lead is new: somebody gave an e-mail address, an id or a phone number, or was added.',
    sample: lead,
    sparse: sparseLead,
  },
  'lead.updated': { description: 'Something about a lead has changed.', sample: lead, sparse: sparseLead },
  'lead.assigned': {
    description:
      'A lead has a new owner, by routing or by hand. `data.answerBy` says until when it has to be answered.',
    sample: lead,
    sparse: sparseLead,
  },
  'lead.hot': { description: 'The score of a lead has reached the hot threshold.', sample: lead, sparse: sparseLead },
  'lead.neglected': {
    description:
      'Nobody has followed a lead up in time. `data.neglected` says which clock ran out, and who is accountable.',
    sample: ({ site, at }) => ({
      ...lead({ site, at }),
      neglected: { clock: 'response', since: at, dueAt: at, accountable: 'head-of-sales@example.com' },
    }),
    sparse: sparseLead,
  },
  'lead.recycled': {
    description: 'A lead went back to marketing, because nobody worked on it or it was given back.',
    sample: lead,
    sparse: sparseLead,
  },
  'lead.won': { description: 'A lead has become a customer.', sample: lead, sparse: sparseLead },
  'lead.lost': { description: 'A lead has been given up.', sample: lead, sparse: sparseLead },
  'leak.detected': {
    description: 'A new leak stands out. Once for each leak.',
    sample: ({ site, at }): LeakData => ({
      id: 'a1b2c3d4',
      site,
      siteName: 'example.com',
      kind: 'behaviour',
      place: 'step',
      where: '/book',
      from: { path: '/book' },
      to: { event: 'booking_done' },
      countedFrom: at.slice(0, 10),
      sentence: 'Since 1 September 62 % leave at /book on mobile, 30 % before.',
      reached: 400,
      lost: 248,
      rate: 0.62,
      baseline: 0.3,
      excess: 128,
      since: at.slice(0, 10),
      segment: 'device: mobile',
      who: { dimension: 'device', value: 'mobile', rate: 0.71, share: 0.8 },
      moneyAtRisk: 11392,
      currency: 'EUR',
      significance: 0.0001,
    }),
    sparse: { since: null, segment: null, who: null, moneyAtRisk: null },
  },
  'funnel.people': {
    description: 'Somebody sent the people behind a number of a funnel to this endpoint.',
    sample: ({ site, at }): FunnelPeopleData => ({
      id: 'a1b2c3d4',
      site,
      siteName: 'example.com',
      sentence: '1 visitor left after /prices',
      stepName: '/prices',
      stepNumber: 1,
      outcome: 'dropped',
      unit: 'visitor',
      from: '2026-09-01',
      to: '2026-10-01',
      total: 1,
      part: 1,
      parts: 1,
      people: [
        {
          visitor: '1234567890123456789',
          leadId: 'led_sample',
          name: 'Ana Example',
          email: 'ana@example.com',
          stoppedAt: at,
          lastPath: '/prices',
          source: 'newsletter',
          country: 'DE',
          device: 'mobile',
        },
      ],
    }),
    sparse: { people: [] },
  },
  'report.weekly': {
    description: 'Monday at 8:00 in the time zone of the site: how the week before went.',
    sample: ({ site }): WeeklyReportData => ({
      id: `${site}-2026-W36`,
      site,
      siteName: 'example.com',
      week: '2026-W36',
      from: '2026-08-31',
      to: '2026-09-07',
      visitors: 1200,
      visitorsBefore: 1000,
      conversions: 60,
      conversionsBefore: 64,
      abandoned: 40,
      abandonedBefore: 35,
      notified: 30,
      notifiedBefore: 28,
      recovered: 9,
      recoveredBefore: 7,
      recoveredValue: 801,
      recoveredValueBefore: 623,
      currency: 'EUR',
      leadsIn: 24,
      leadsReached: 18,
      appointments: 9,
      proposals: 6,
      closedDeals: 3,
      cameFrom: [
        { source: 'google', leads: 14 },
        { source: 'newsletter', leads: 10 },
      ],
      leadsLeaking: 2,
      leaks: [{ where: '/book', sentence: '62 % leave at /book on mobile.', lost: 248, moneyAtRisk: 11392 }],
      summary: '1,200 visitors (+20 %), 60 conversions (−6 %), 9 of 40 abandonments recovered.',
    }),
    sparse: { leaks: [], cameFrom: [] },
  },
  'webhook.test': {
    description: 'Somebody tests the endpoint, or saves it. Shaped like an abandonment: of a real case, or the sample.',
    sample: ({ site, at }) => sampleAbandonment(site, at),
    sparse: sparseAbandonment,
  },
};

/** A whole message of a type. `sparse`: as little as a real one may hold. */
export function sampleMessage(
  type: WebhookEvent,
  context: SampleContext & { sparse?: boolean },
): WebhookMessage<Record<string, unknown>> {
  const { sample, sparse } = webhookCatalogue[type];
  return { type, timestamp: context.at, data: { ...sample(context), ...(context.sparse ? sparse : {}) } };
}

export function sampleAbandonment(site: string, at: string): AbandonmentData {
  return {
    id: 'cas_sample',
    site,
    rule: 'Booking started and not finished',
    ruleId: 'rul_sample',
    kind: 'booking',
    state: 'abandoned',
    occurredAt: at,
    detectedAt: at,
    step: 'booking_start',
    key: 'b-1042',
    page: 'Book a treatment',
    url: 'https://example.com/book',
    resumeUrl: 'https://example.com/book?booking=b-1042',
    value: 89,
    currency: 'EUR',
    visitor: '1234567890123456789',
    email: 'ana@example.com',
    phone: '49301234567',
    name: 'Ana Example',
    leadId: 'led_sample',
    stage: null,
    score: null,
    temperature: null,
    consent: 'granted',
    source: 'google',
    medium: 'cpc',
    campaign: 'autumn',
    referrer: 'google.com/',
    channel: 'paid_search',
    country: 'DE',
    device: 'mobile',
    followUp: 1,
    followUps: 1,
    viewed: [{ path: '/pricing', title: 'Prices', at, props: {} }],
    intent: { event: 'booking_start', props: { booking_id: 'b-1042', treatment: 'Facial' } },
  };
}
