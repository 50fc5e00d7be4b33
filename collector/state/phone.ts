import { type CountryCode, getCountries, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/**
 * The number as +4930123456 (E.164), or null where the text is none. `country` (as DE) is the one whose numbers are written without
 * its code; null: every number needs its code. Numbers are checked by their length, because new ranges are opened all the time.
 */
export function toPhone(text: string, country: string | null): string | null {
  const withCode = country === null ? text.trim().replace(/^00/, '+') : text;
  const number = parsePhoneNumberFromString(withCode, (country ?? undefined) as CountryCode | undefined);
  return number?.isPossible() ? number.number : null;
}

const countries = new Map<string, string | null>();

/** The country that a time zone is used in, as DE; null where that is not one, as for UTC. */
export function countryOfZone(timezone: string): string | null {
  let country = countries.get(timezone);
  if (country === undefined) {
    country = getCountries().find((code) => zonesOf(code).includes(timezone)) ?? null;
    countries.set(timezone, country);
  }
  return country;
}

function zonesOf(country: string): readonly string[] {
  // Newer engines have a function instead: https://github.com/tc39/proposal-intl-locale-info
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & { timeZones?: string[]; getTimeZones?(): string[] };
  return locale.getTimeZones?.() ?? locale.timeZones ?? [];
}
