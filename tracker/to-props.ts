import { limits } from '../collector/contract/limits.ts';
import type { Props } from './calls.ts';

/**
 * The flat part of what a page gave us, cut to the limits of the server, which would refuse the whole event otherwise.
 * `leftOut` hears of each key that could not be kept. Undefined: nothing is left.
 */
export function toProps(given: unknown, leftOut: (key: string) => void): Props | undefined {
  const props: Props = {};
  const entries = Object.entries(given === Object(given) ? (given as object) : {});
  entries.forEach(([key, value], index) => {
    if (typeof value === 'string') value = value.slice(0, limits.propValueLength);
    if (index < limits.props && (/^[sb]/.test(typeof value) || Number.isFinite(value)))
      props[key.slice(0, limits.propKeyLength)] = value;
    else leftOut(key);
  });
  return entries.length ? props : undefined;
}
