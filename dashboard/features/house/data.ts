import type { HousePart, HouseParts } from '../../../collector/contract/house.ts';
import type { LeadCondition, LeadDefinition } from '../../../collector/contract/lead-definition.ts';
import type { Route } from '../../../collector/contract/routing.ts';
import type { ByTemperature, ScoreRule, ScoringPreview } from '../../../collector/contract/scoring.ts';
import type { FieldCondition, Signal } from '../../../collector/contract/signal.ts';
import { formatDuration, plural } from '../../format.ts';
import { matchName } from '../funnels/data.ts';
import { touchNames } from '../leads/words.ts';

export const partNames: Record<HousePart, string> = {
  definition: 'Definition',
  scoring: 'Scoring',
  routing: 'Routing',
  clocks: 'Clocks',
};

export type Level = 'lead' | 'marketing' | 'sales';
export const levelNames: Record<Level, string> = {
  lead: 'It is a lead when',
  marketing: 'Marketing calls it qualified when it is a lead and',
  sales: 'Sales takes it over when marketing calls it qualified and',
};

export const signalKindNames: Record<Signal['kind'], string> = {
  page: 'sees a page',
  event: 'does something on the site',
  form: 'sends a form',
  touch: 'is in contact',
};

export const fieldNames: Record<string, string> = {
  email: 'E-mail',
  phone: 'Phone',
  name: 'Name',
  company: 'Company',
  externalId: 'Id elsewhere',
  kind: 'What it is about',
  country: 'Country',
  region: 'Region',
  postcode: 'Postcode',
  source: 'Source',
  campaign: 'Campaign',
};

export const fieldOpNames: Record<FieldCondition['op'], string> = {
  is_set: 'is known',
  is_empty: 'is not known',
  is: 'is',
  is_not: 'is not',
  contains: 'contains',
  at_least: 'is at least',
};

export const needsValue = (op: FieldCondition['op']): boolean => op !== 'is_set' && op !== 'is_empty';

/** "Company is known", "Country is DE or AT". */
export function fieldWords({ field, op, value }: FieldCondition): string {
  const name = fieldNames[field] ?? field.replace(/^trait:/, '');
  return [name, fieldOpNames[op], ...(needsValue(op) ? [(value ?? []).join(' or ')] : [])].join(' ');
}

/** "Sees /pricing", "Sends the form Quote", "Phone call, they called". */
export function signalWords(signal: Signal): string {
  switch (signal.kind) {
    case 'page':
      return `Sees ${signal.path}`;
    case 'event':
      return signal.match.event === '' ? 'Does something on the site' : `Does ${matchName(signal.match)}`;
    case 'form':
      return signal.form ? `Sends the form ${signal.form}` : 'Sends any form';
    case 'touch': {
      const who = { in: ', they came to us', out: ', we went to them' };
      return `${touchNames[signal.touch]}${signal.direction ? who[signal.direction] : ''}`;
    }
  }
}

/** A condition in words, where it has no better name. */
export function conditionWords({ check }: LeadCondition): string {
  switch (check.kind) {
    case 'score':
      return `Has at least ${plural(check.atLeast, 'point')}`;
    case 'field':
      return fieldWords(check);
    case 'behaviour': {
      const often = check.atLeast === 1 ? '' : `, at least ${check.atLeast} times`;
      return `${signalWords(check.of)}${often}${check.within ? ` within ${formatDuration(check.within)}` : ''}`;
    }
  }
}

/** What a rule of the scoring does, in words. */
export function scoreRuleWords(rule: ScoreRule): string {
  const when = rule.when.kind === 'field' ? fieldWords(rule.when) : signalWords(rule.when);
  return [
    when,
    rule.most > 1 ? `up to ${rule.most} times` : '',
    rule.halfLife ? `half as much after ${formatDuration(rule.halfLife)}` : '',
    rule.group ? `in ${rule.group}` : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}

/** What fits a route, in words. */
export function routeWords({ when }: Pick<Route, 'when'>): string {
  const named: [string, readonly string[] | undefined][] = [
    ['country', when.countries],
    ['region', when.regions],
    ['postcode begins with', when.postcodes],
    ['channel', when.channels],
    ['source', when.sources],
    ['campaign', when.campaigns],
    ['about', when.kinds],
  ];
  const parts = named.flatMap(([name, values]) => (values ? [`${name} ${values.join(' or ')}`] : []));
  return parts.length === 0 ? 'Every lead' : parts.join(', ');
}

/** An id that stays with a condition or a rule, whatever becomes of its name. */
export function newId(existing: readonly { id: string }[], prefix: string): string {
  const taken = new Set(existing.map(({ id }) => id));
  for (let number = existing.length + 1; ; number++) if (!taken.has(`${prefix}${number}`)) return `${prefix}${number}`;
}

export const allConditions = ({ lead, marketing, sales }: LeadDefinition): LeadCondition[] => [
  ...lead,
  ...marketing,
  ...sales,
];

/** What a definition calls its conditions where nobody has named them: their own words. */
export function named(definition: LeadDefinition): LeadDefinition {
  const name = (condition: LeadCondition): LeadCondition => ({
    ...condition,
    name: condition.name.trim() || conditionWords(condition),
  });
  const { lead, marketing, sales } = definition;
  return { ...definition, lead: lead.map(name), marketing: marketing.map(name), sales: sales.map(name) };
}

/** Parts of a preview as one. Undefined where there is none yet. `moves` has the largest of all. */
export function wholePreview(parts: readonly ScoringPreview[]): ScoringPreview | undefined {
  const last = parts.at(-1);
  if (!last) return undefined;
  const sum = (of: (part: ScoringPreview) => number) => parts.reduce((all, part) => all + of(part), 0);
  const byTemperature = (side: 'before' | 'after'): ByTemperature => ({
    cold: sum((part) => part[side].cold),
    warm: sum((part) => part[side].warm),
    hot: sum((part) => part[side].hot),
  });
  const change = ({ before, after }: ScoringPreview['moves'][number]) => Math.abs(after.score - before.score);
  return {
    looked: sum(({ looked }) => looked),
    total: last.total,
    before: byTemperature('before'),
    after: byTemperature('after'),
    moves: parts.flatMap(({ moves }) => moves).toSorted((one, other) => change(other) - change(one)),
    moving: sum(({ moving }) => moving),
    next: last.next,
  };
}

/** Version, in a few words: "Version 3" or what holds where nothing was saved. */
export function versionName(version: number): string {
  return version === 0 ? 'Nothing was saved yet' : `Version ${version}`;
}

/** A version in a sentence. */
export const versionWords: { [Part in HousePart]: (rules: HouseParts[Part]) => string } = {
  definition: (rules) => {
    const count = allConditions(rules).length;
    const sides = (['marketing', 'sales'] as const).flatMap((side) => rules.agreed[side]?.name ?? []);
    const agreed = sides.length === 0 ? 'agreed by nobody yet' : `agreed by ${sides.join(' and ')}`;
    return `${plural(count, 'condition')}, ${agreed}`;
  },
  scoring: ({ rules, warm, hot }) => `${plural(rules.length, 'rule')}, warm from ${warm}, hot from ${hot}`,
  routing: ({ owners, routes }) => `${plural(owners.length, 'owner')}, ${plural(routes.length, 'route')}`,
  clocks: ({ hours, response }) => `Open ${hours.from} to ${hours.to}, answer within ${formatDuration(response.other)}`,
};
