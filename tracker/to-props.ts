import { limits } from '../collector/contract/limits.ts';
import type { Props } from './calls.ts';

/**
 * The flat part of what a page gave us, long texts cut to what the server takes. `note` hears what could not be kept.
 * Undefined: there was nothing.
 */
export function toProps(given: unknown, note: (what: string) => void): Props | undefined {
  const props: Props = {};
  const entries = given === Object(given) ? Object.entries(given as object) : [];
  for (const [key, value] of entries)
    if (/^(str|boo)/.test(typeof value) || Number.isFinite(value))
      props[key] = value.slice?.(0, limits.propValueLength) ?? value;
    else note(`ignored ${key}`);
  return entries.length ? props : undefined;
}
