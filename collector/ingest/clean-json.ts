/** Keys that change what an object is when it is copied or merged. */
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** A forbidden key somewhere in the value. */
export class ForbiddenKey extends Error {
  constructor(key: string) {
    super(`The key "${key}" is not allowed.`);
  }
}

/** The parsed JSON value with every text cleaned, keys included. Throws ForbiddenKey. The depth has been checked before. */
export function cleanJson(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const cleaned = cleanText(key);
      if (forbiddenKeys.has(cleaned)) throw new ForbiddenKey(cleaned);
      return [cleaned, cleanJson(inner)];
    }),
  );
}

/**
 * The text as every store behind us can hold it: lone surrogates replaced (one of them makes ClickHouse refuse the whole batch),
 * line breaks and tabs as spaces, other C0 controls and DEL removed.
 */
export function cleanText(text: string): string {
  if (!unclean.test(text)) return text;
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\t\n\r]+/g, ' ')
    .replace(controls, '');
}

// TRICKY: with the `u` flag \p{Surrogate} matches only surrogates without their other half; a pair is one code point.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unclean = /[\u0000-\u001f\u007f]|\p{Surrogate}/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const controls = /[\u0000-\u001f\u007f]/g;
