import type { LeadFields, LeadSource } from '../../contract/leads.ts';
import type { ServerEvent } from '../../contract/wire.ts';
import type { NewLeadEvent } from '../../state/lead-ledger.ts';
import type { Source } from '../journey.ts';
import { addresses, userAgents } from '../people.ts';
import { salonPaths } from '../salon/paths.ts';
import { pick, seededRandom } from '../seeded-random.ts';
import { addDays, midnightMs, type Visit, visits } from '../visitors.ts';
import { createStory, type SalonOwner } from './lead-story.ts';

const dayMs = 86_400_000;

/** One lead of the history: who, from which browser, and what happened. */
export interface DemoLead {
  /** As the server ingest is told it. */
  visitor: string;
  fields: LeadFields;
  source: LeadSource;
  startMs: number;
  events: NewLeadEvent[];
}

/** Days before today of the first and of the second form of the lead whose story the demo tells. */
const firstForm = -76;
const secondForm = -14;

const firstNames =
  'Lea Nora Jana Mira Finja Carla Paula Rieke Selma Tilda Wanda Yara Zoe Britta Doris Elif Frieda Gesa Hanna Inga Kira Lotte Maren Nele'.split(
    ' ',
  );
const lastNames =
  'Albrecht Bauer Conrad Dietz Ehlers Franke Geiger Hartwig Jansen Kaya Lindner Marten Neumann Oswald Pohl Reuter Sander Thoma Ulrich Voss'.split(
    ' ',
  );
const wishes = [
  'a facial before her wedding',
  'a day for two',
  'a voucher',
  'a course of five massages',
  'a hen party',
];
/** Why sales does not believe a condition of the definition. */
const rejections = [
  { condition: 'interest', reason: 'Only wanted to know a price' },
  { condition: 'interest', reason: 'Looked for a job with us' },
  { condition: 'interest', reason: 'Asked for somebody else' },
  { condition: 'phone', reason: 'The number is that of somebody else' },
  { reason: 'Lives too far away' },
];
const lostReasons = ['Too expensive', 'Chose another', 'No free time that suits', 'Never reached'];

/**
 * Everybody who has sent the quote form in the history becomes a lead, and has a fate; the same day, the same leads. The one who was
 * there 76 days ago comes first: a quote form, a call, silence, neglected, recycled, back after two months, won.
 */
export function demoLeads(today: string, until: number): DemoLead[] {
  const forms = [...visits(today)].filter(
    (visit) => visit.acts.some(isQuote) && visit.startedAt + dayMs / 24 < until && visit.day > -60,
  );
  const back = forms.find(({ day, source }) => day === secondForm && source.name === 'google') ?? forms[0];
  const known = new Set(back ? [back.person.visitor] : []);
  const others = forms.flatMap((visit, index) => {
    if (known.has(visit.person.visitor)) return [];
    known.add(visit.person.visitor);
    return [toLead(visit, { index, until })];
  });
  return back ? [storyLead(back, today), ...others] : others;
}

/** The first visit of the lead of the story, which is older than the rest of the history. */
export function storyEvents(today: string, origin: string): ServerEvent[] {
  const lead = demoLeads(today, Number.POSITIVE_INFINITY)[0];
  if (!lead) return [];
  const pages: [second: number, name: string, path: string, title: string][] = [
    [-190, 'pageview', salonPaths.home, 'Salon Amara'],
    [-130, 'pageview', salonPaths.prices, 'Prices · Salon Amara'],
    [-60, 'pageview', salonPaths.contact, 'Contact · Salon Amara'],
    [-50, 'form_start', salonPaths.contact, 'Contact · Salon Amara'],
    [0, 'form_submit', salonPaths.contact, 'Contact · Salon Amara'],
  ];
  return pages.map(([second, name, path, title], seq) => ({
    id: `demo-story-${seq}`,
    seq,
    name,
    at: lead.startMs + second * 1_000,
    visitor: lead.visitor,
    url: origin + path,
    title,
    ip: addresses.DE[0],
    userAgent: userAgents.desktop[0]?.[0] ?? '',
    ...(seq === 0 ? { ref: 'https://www.google.com/' } : {}),
    ...(name === 'pageview' ? {} : { props: { form: 'Quote' } }),
  }));
}

function storyLead(back: Visit, today: string): DemoLead {
  const startMs = midnightMs(addDays(today, firstForm)) + 10 * 3_600_000;
  const backAfter = (formMs(back) - startMs) / dayMs;
  const reason = 'Nobody worked on it for 30 days';
  const story = createStory(startMs, 'ines')
    .comesIn('sales')
    .calls(0.014, 'answered', 'Wedding in spring, six people. Sends a picture, then we send an offer.')
    .agrees(0.014, 'Said on the phone')
    .moves(0.014, 'contacted')
    .plans(0.014, 'Send the offer for six', 3)
    .isMissed(7, 'Asks for the offer that was promised.')
    .isNeglected(8, startMs + 8 * dayMs)
    .isRecycled(38, reason, 90)
    .comesBack(backAfter, { channel: 'organic_search', source: 'google', path: salonPaths.contact })
    .calls(backAfter + 0.012, 'answered', 'Still wants us. Comes to look at the rooms on Thursday.')
    .moves(backAfter + 0.012, 'contacted')
    .moves(backAfter + 2, 'appointment')
    .plans(backAfter + 2, 'Show the rooms', 2)
    .writes(backAfter + 4.2, 'Your offer for six')
    .moves(backAfter + 4.2, 'proposal', { value: 640 })
    .plans(backAfter + 4.2, 'Ask what she thinks', 3)
    .opens(backAfter + 4.9, 'Your offer for six')
    .calls(backAfter + 8, 'answered', 'Yes to all of it.')
    .moves(backAfter + 8, 'won', { value: 640 });
  return {
    visitor: back.person.visitor,
    fields: { name: 'Clara Sommer', email: 'clara.sommer@example.com', phone: '+49 30 901820 14' },
    source: { channel: 'organic_search', source: 'google' },
    startMs,
    events: story.events,
  };
}

function toLead(visit: Visit, { index, until }: { index: number; until: number }): DemoLead {
  const random = seededRandom('demo-leads', visit.id);
  const first = firstNames[index % firstNames.length] ?? 'Lea';
  const last = lastNames[Math.floor(index / firstNames.length + index) % lastNames.length] ?? 'Bauer';
  const startMs = formMs(visit);
  const owner: SalonOwner = index % 2 === 0 ? 'ines' : 'tom';
  const hasPhone = random() < 0.6;
  return {
    visitor: visit.person.visitor,
    fields: {
      name: `${first} ${last}`,
      email: `${first}.${last}${index}@example.com`.toLowerCase(),
      ...(hasPhone ? { phone: `+49 30 9018${String(20_000 + index).slice(1)}` } : {}),
    },
    source: sourceOf(visit.source.name),
    startMs,
    events: fate({ startMs, owner, until, hasPhone, wish: pick(random, evenly(wishes)), random }),
  };
}

/** What became of a lead. Nothing of it lies after `until`, but for dates that are planned. */
function fate(options: {
  startMs: number;
  owner: SalonOwner;
  until: number;
  hasPhone: boolean;
  wish: string;
  random: () => number;
}): NewLeadEvent[] {
  const { startMs, owner, until, hasPhone, wish, random } = options;
  const age = (until - startMs) / dayMs;
  const story = createStory(startMs, owner).comesIn(hasPhone ? 'sales' : 'marketing');
  const isSlow = random() < 0.12;
  const reply = isSlow ? 0.6 + random() : 0.005 + random() * 0.03;
  if (isSlow && age > 0.05) story.isNeglected(1 / 24, startMs + dayMs / 24);
  if (age < reply + 0.02) return story.events;
  const value = 80 + Math.floor(random() * 12) * 40;
  const ends = pick(random, [
    ['won', 26],
    ['lost', 30],
    ['nurture', 24],
    ['open', age < 22 ? 40 : 0],
  ] as const);
  if (random() < 0.25) story.writes(reply, 'Your quote from Salon Amara');
  else story.calls(reply, 'answered', `Wants ${wish}.`);
  story.moves(reply, 'contacted').plans(reply, 'Agree on a date', 3);
  const pace = Math.min(age / 5, 2.5 + random() * 2);
  const reached = ends === 'open' ? Math.floor(random() * 3) : ends === 'won' ? 3 : 1 + Math.floor(random() * 2);
  if (reached >= 1 && age > reply + pace)
    story.moves(reply + pace, 'appointment').plans(reply + pace, 'Meet in the salon', 2);
  if (reached >= 2 && age > reply + 2 * pace) {
    story.writes(reply + 2 * pace, 'Our offer').moves(reply + 2 * pace, 'proposal', { value });
    story.plans(reply + 2 * pace, 'Ask what they think', 4);
  }
  const end = reply + 3 * pace;
  if (ends === 'open' || age < end + 0.1) {
    // Some of those in work have their next step before them, the others are forgotten.
    if (random() < 0.7) story.plans(age - 0.2 * Math.min(age, 1), 'Call again', 1 + Math.floor(random() * 6));
    return story.events;
  }
  if (ends === 'won') story.moves(end, 'won', { value });
  else if (ends === 'lost') {
    const reason = pick(random, evenly(lostReasons));
    const rejection = random() < 0.35 ? pick(random, evenly(rejections)) : undefined;
    if (rejection && (hasPhone || rejection.condition !== 'phone')) story.isRejected(end - 0.001, rejection);
    story.moves(end, 'lost', { reason: rejection?.reason ?? reason });
  } else story.moves(end, 'nurture', { reason: 'Not now', wakeAfter: age - end + 5 + Math.floor(random() * 60) });
  return story.events;
}

const isQuote = ({ name, props }: Visit['acts'][number]): boolean => name === 'form_submit' && props?.form === 'Quote';

function formMs(visit: Visit): number {
  return visit.startedAt + (visit.acts.find(isQuote)?.second ?? 0) * 1_000;
}

function sourceOf(name: Source['name']): LeadSource {
  const sources: Record<Source['name'], LeadSource> = {
    google: { channel: 'organic_search', source: 'google' },
    ads: { channel: 'paid_search', source: 'google', medium: 'cpc', campaign: 'berlin' },
    instagram: { channel: 'organic_social', source: 'instagram', medium: 'social' },
    spring: { channel: 'paid_social', source: 'instagram', medium: 'paid_social', campaign: 'spring' },
    newsletter: { channel: 'email', source: 'newsletter', medium: 'email', campaign: 'letter' },
    direct: { channel: 'direct' },
    referral: { channel: 'referral', source: 'berlin-for-two.example' },
  };
  return sources[name];
}

function evenly<Choice>(choices: readonly Choice[]): [Choice, number][] {
  return choices.map((choice) => [choice, 1]);
}
