import type { RoiAnswer, RoiRow } from '../../../collector/contract/roi.ts';
import { formatMoney, plural } from '../../format.ts';

export type RoiNumber = 'leads' | 'qualified' | 'won' | 'leaked';

export const roiNumberNames: Record<RoiNumber, string> = {
  leads: 'Leads',
  qualified: 'Qualified',
  won: 'Won',
  leaked: 'Leaked',
};
export const roiNumbers = Object.keys(roiNumberNames) as RoiNumber[];

/** The screen as its address says it. */
export interface RoiSearch {
  by?: 'last' | undefined;
  /** The number whose names are open. */
  of?: RoiNumber | undefined;
  source?: string | undefined;
  campaign?: string | undefined;
}

/** Reads the address; what does not fit is left out. */
export function parseRoiSearch(search: Record<string, unknown>): RoiSearch {
  const of = roiNumbers.find((name) => name === search.of);
  return {
    ...(search.by === 'last' ? { by: 'last' } : {}),
    ...(of && typeof search.source === 'string' ? { of, source: search.source } : {}),
    ...(typeof search.campaign === 'string' ? { campaign: search.campaign } : {}),
  };
}

/** What a source is called. */
export function sourceName({ source, campaign }: Pick<RoiRow, 'source' | 'campaign'>): string {
  const name = source === '' ? 'Not known' : source === 'direct' ? 'Direct' : source;
  return campaign === '' ? name : `${name}, ${campaign}`;
}

/** What it all comes to, in words. The cost of one is that over all leads: most of them came from sources that cost nothing. */
export function roiSentence({ total, currency }: RoiAnswer): string {
  const money = (value: number) => formatMoney(Math.round(value), currency) ?? String(value);
  const came = `${plural(total.leads, 'lead')}, ${total.qualified} of them qualified, ${total.won} won for ${money(total.revenue)}, ${total.leaked} leaked.`;
  if (total.cost === 0) return came;
  const each = [
    ...(total.costPerLead === null ? [] : [`${money(total.costPerLead)} a lead`]),
    ...(total.costPerWon === null ? [] : [`${money(total.costPerWon)} a customer`]),
  ];
  const spent = `${money(total.cost)} was spent`;
  return `${came} ${spent}${each.length === 0 ? '' : `: over all leads, also of sources without cost, ${each.join(' and ')}`}.`;
}
