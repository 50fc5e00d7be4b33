import { limits } from '../collector/contract/limits.ts';
import type { Props } from './calls.ts';

/**
 * The flat part of an object that the page gave us, long texts cut to what the server takes. Throws for a text, which is none: `in` does
 * (and the server takes no property without a name).
 */
export const cleanProps = (given: unknown): Props => {
  const props: Props = {};
  for (const key in given as Props) {
    const value = (given as Props)[key];
    if (/str|boo|num/.test(typeof value) && !('' in (given as Props)))
      props[key] = (value as string).slice?.(0, limits.propValueLength) ?? (value as number);
  }
  return props;
};
