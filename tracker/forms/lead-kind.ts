/** What a field of a lead holds. */
export type LeadKind = 'email' | 'phone' | 'company' | 'name';

/** In this order: a company's name is no person's. In English, German, French, Spanish, Italian. */
const kinds: [LeadKind | undefined, RegExp][] = [
  [undefined, /user|login|card|cc-/],
  ['email', /mail|correo/],
  ['phone', /(^|[^o])tel|phone|mobil|handy/],
  ['company', /compan|organi|firm|empresa|soci/],
  ['name', /name|nom/],
];

/** What the owner's words about a field (`type`, `autocomplete`, `name`, `id`) say that it holds; undefined: nothing for a lead. */
export function leadKind(words: string): LeadKind | undefined {
  return kinds.find(([, pattern]) => pattern.test(words.toLowerCase()))?.[0];
}
