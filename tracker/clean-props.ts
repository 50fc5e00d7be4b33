import { limits } from '../collector/contract/limits.ts';
import type { Props } from './calls.ts';
import { note } from './notes.ts';

/** The flat part of an object that the page gave us, long texts cut to what the server takes. Throws where it is something else. */
export function cleanProps(given: unknown): Props {
  if (given !== Object(given)) throw 'not an object';
  const props: Props = {};
  for (const [key, value] of Object.entries(given as object))
    if (/^(str|boo)/.test(typeof value) || Number.isFinite(value))
      props[key] = value.slice?.(0, limits.propValueLength) ?? value;
    else note(`ignored ${key}`, typeof value);
  return props;
}
