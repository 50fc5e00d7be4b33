import type { LeadSort } from '../../../collector/contract/lead-answers.ts';
import type { LeadStage, Temperature } from '../../../collector/contract/leads.ts';
import { channelNames, stageNames, stageOrder, temperatureNames } from './words.ts';

export const sortNames: Record<LeadSort, string> = {
  newest: 'Newest first',
  active: 'Last sign of life first',
  score: 'Highest score first',
  urgent: 'Most urgent first',
  'next-step': 'Next step first',
};

/** Until when a next step is due. */
export const dueNames = { now: 'is overdue', today: 'is due today', week: 'is due within 7 days' } as const;
export type Due = keyof typeof dueNames;

/** The screen of leads as its address says it. */
export interface LeadsSearch {
  view?: 'board' | undefined;
  /** One or more, with commas. */
  stage?: string | undefined;
  temperature?: string | undefined;
  /** Id of an owner, or `none`. */
  owner?: string | undefined;
  source?: string | undefined;
  kind?: string | undefined;
  search?: string | undefined;
  leaking?: 'true' | 'false' | undefined;
  due?: Due | undefined;
  sort?: LeadSort | undefined;
}

/** What narrows the list; the rest says how it is shown. */
export const filterKeys = ['stage', 'temperature', 'owner', 'source', 'kind', 'search', 'leaking', 'due'] as const;
export type LeadFilterKey = (typeof filterKeys)[number];

const oneOf = <Name extends string>(names: Record<Name, unknown>, value: unknown): Name | undefined =>
  typeof value === 'string' && Object.hasOwn(names, value) ? (value as Name) : undefined;

const listIn = (names: object, value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined;
  const known = value.split(',').filter((name) => Object.hasOwn(names, name));
  return known.length === 0 ? undefined : known.join(',');
};

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Reads the address; what does not fit is left out. */
export function parseLeadsSearch(search: Record<string, unknown>): LeadsSearch {
  const read: LeadsSearch = {
    view: search.view === 'board' ? 'board' : undefined,
    stage: listIn(stageNames, search.stage),
    temperature: listIn(temperatureNames, search.temperature),
    owner: text(search.owner),
    source: text(search.source),
    kind: text(search.kind),
    search: text(search.search),
    // An address that was typed by hand says true, not "true".
    leaking: oneOf({ true: 1, false: 1 }, String(search.leaking)),
    due: oneOf(dueNames, search.due),
    sort: oneOf(sortNames, search.sort),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

/** What the list is asked with. */
export type LeadQuestion = Partial<Record<LeadFilterKey | 'sort', string>>;

/** The filters of the address, as they are asked and kept under a name. */
export function toLeadQuestion(search: LeadsSearch): LeadQuestion {
  const question: LeadQuestion = {};
  for (const key of [...filterKeys, 'sort'] as const) {
    const value = search[key];
    if (value !== undefined) question[key] = value;
  }
  return question;
}

/** Takes every filter away, or sets exactly these. */
export function withQuestion(old: LeadsSearch, question: Record<string, string>): LeadsSearch {
  const blank = Object.fromEntries([...filterKeys, 'sort'].map((key) => [key, undefined]));
  return { ...old, ...blank, ...parseLeadsSearch({ ...question, view: old.view }) };
}

/** One filter as its chip says it. `ownerName` is asked for ids. */
export function leadFilterName(key: LeadFilterKey, value: string, ownerName: (id: string) => string): string {
  const listed = (names: Record<string, string>) =>
    value
      .split(',')
      .map((name) => names[name] ?? name)
      .join(' or ');
  switch (key) {
    case 'stage':
      return `Stage is ${listed(stageNames)}`;
    case 'temperature':
      return listed(temperatureNames);
    case 'owner':
      return value === 'none' ? 'Nobody owns it' : `Owner is ${ownerName(value)}`;
    case 'source':
      return `Came from ${channelNames[value as keyof typeof channelNames] ?? value}`;
    case 'kind':
      return `About ${value}`;
    case 'search':
      return `“${value}”`;
    case 'leaking':
      return value === 'true' ? 'Leaking' : 'Not leaking';
    case 'due':
      return `Next step ${dueNames[value as Due] ?? value}`;
  }
}

export const stageChoices: { value: LeadStage; label: string }[] = stageOrder.map((stage) => ({
  value: stage,
  label: stageNames[stage],
}));

export const temperatureChoices = (Object.entries(temperatureNames) as [Temperature, string][]).map(
  ([value, label]) => ({ value, label }),
);

/** What of a timeline is shown. */
export const timelineParts = {
  all: 'Everything',
  site: 'Website',
  calls: 'Calls',
  mails: 'Mails',
  meetings: 'Meetings',
  work: 'Stage and work',
} as const;
export type TimelinePart = keyof typeof timelineParts;
