import { limits } from '../../../collector/contract/limits.ts';
import type { Filter } from '../../../collector/contract/match.ts';
import type { Channel, Dimension } from '../../../collector/contract/names.ts';
import { formatCountry } from '../../format.ts';

export const dimensionNames: Record<Dimension, string> = {
  path: 'Page',
  entry_path: 'Entry page',
  exit_path: 'Exit page',
  host: 'Host',
  event: 'Event',
  channel: 'Channel',
  source: 'Source',
  medium: 'Medium',
  campaign: 'Campaign',
  term: 'Term',
  content: 'Content',
  referrer: 'Referrer',
  country: 'Country',
  region: 'Region',
  city: 'City',
  device: 'Device',
  browser: 'Browser',
  os: 'System',
  language: 'Language',
};

export const channelNames: Record<Channel, string> = {
  direct: 'Direct',
  organic_search: 'Organic search',
  paid_search: 'Paid search',
  organic_social: 'Social',
  paid_social: 'Paid social',
  email: 'E-mail',
  referral: 'Referral',
  display: 'Display ads',
  affiliate: 'Affiliate',
  sms: 'SMS',
  phone: 'Phone',
  chat: 'Chat',
  meeting: 'Meeting',
  event: 'Trade show or event',
  letter: 'Letter',
  other: 'Other',
};

/** What an event without a value for this dimension is called. */
const emptyNames: Partial<Record<Dimension, string>> = {
  source: 'Direct or unknown',
  campaign: 'No campaign',
  referrer: 'No referrer',
  country: 'Unknown',
  device: 'Unknown',
  browser: 'Unknown',
  os: 'Unknown',
};

const opWords: Record<Filter['op'], string> = {
  is: 'is',
  is_not: 'is not',
  contains: 'contains',
  not_contains: 'does not contain',
};

/** A value as people read it: country codes and channel ids become names. */
export function valueName(dimension: Filter['dimension'], value: string): string {
  if (value === '') return (isDimension(dimension) && emptyNames[dimension]) || 'None';
  if (dimension === 'country') return formatCountry(value);
  if (dimension === 'channel') return Object.hasOwn(channelNames, value) ? channelNames[value as Channel] : value;
  if (dimension === 'device') return value.charAt(0).toUpperCase() + value.slice(1);
  return value;
}

/** "Page is /pricing", for a chip. */
export function filterName(filter: Filter): string {
  const dimension = isDimension(filter.dimension)
    ? dimensionNames[filter.dimension]
    : filter.dimension.slice('prop:'.length);
  return `${dimension} ${opWords[filter.op]} ${filter.value.map((value) => valueName(filter.dimension, value)).join(' or ')}`;
}

/**
 * Filters as one readable search parameter: `path:is:/pricing;country:is:DE|AT`.
 * Inside a part, the four characters that separate (`: ; | %`) are percent-encoded.
 */
export function encodeFilters(filters: Filter[]): string | undefined {
  if (filters.length === 0) return undefined;
  return filters
    .map((one) => `${escapePart(one.dimension)}:${one.op}:${one.value.map(escapePart).join('|')}`)
    .join(';');
}

/** Reads them back; a part that makes no sense is left out, so an old link still opens. */
export function decodeFilters(text: string | undefined): Filter[] {
  if (!text) return [];
  return text
    .split(';')
    .flatMap((part): Filter[] => {
      const [rawDimension = '', op, ...rest] = part.split(':');
      const dimension = unescapePart(rawDimension);
      if (!isFilterDimension(dimension) || !isOp(op) || rest.length !== 1) return [];
      return [{ dimension, op, value: (rest[0] ?? '').split('|').map(unescapePart).slice(0, limits.filterValues) }];
    })
    .slice(0, limits.filters);
}

/** Adds "dimension is value"; the same filter twice is one, another value of the same dimension replaces it. */
export function withFilter(filters: Filter[], dimension: Filter['dimension'], value: string): Filter[] {
  return [
    ...filters.filter((one) => one.dimension !== dimension || one.op !== 'is'),
    { dimension, op: 'is', value: [value] },
  ];
}

function isDimension(text: string): text is Dimension {
  return Object.hasOwn(dimensionNames, text);
}

/** Whether this can stand in a filter: a dimension of the contract, or `prop:KEY`. */
export function isFilterDimension(text: string): text is Filter['dimension'] {
  return isDimension(text) || /^prop:.+/.test(text);
}

function isOp(text: string | undefined): text is Filter['op'] {
  return text !== undefined && Object.hasOwn(opWords, text);
}

function escapePart(text: string): string {
  return text.replace(/[%:;|]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function unescapePart(text: string): string {
  return text.replace(/%(25|3A|3B|7C)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
