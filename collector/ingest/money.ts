import type { Props } from '../contract/wire.ts';

/** `value` and `currency` of an event's properties as money, and the properties that are left. */
export interface Priced {
  /** At most four decimals; 0 where the event carries no money. */
  value: number;
  currency: string;
  rest: Props;
}

/** Decimal(18, 4) holds 14 digits before the point; more is a mistake. */
const largestValue = 99_999_999_999_999;

/** A `value` that is no number stays an ordinary property. A missing or unknown currency is the site's. */
export function takeMoney(props: Props, siteCurrency: string): Priced {
  const { value: said, currency: saidCurrency, ...others } = props;
  const value = typeof said === 'string' && said.trim() !== '' ? Number(said) : said;
  if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) > largestValue) {
    return { value: 0, currency: '', rest: props };
  }
  const code = String(saidCurrency ?? '').toUpperCase();
  return {
    value: Math.round(value * 10_000) / 10_000,
    currency: /^[A-Z]{3}$/.test(code) ? code : siteCurrency,
    rest: others,
  };
}
