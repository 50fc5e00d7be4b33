import * as z from 'zod';
import { limits } from './limits.ts';
import { dimensions } from './names.ts';

/** `*` is any run without `/`, `**` any run. Everything else stands for itself. */
export const pattern = z
  .string()
  .min(1)
  .max(limits.patternLength)
  .refine((text) => (text.match(/\*+/g)?.length ?? 0) <= limits.patternWildcards, {
    message: `A pattern may hold at most ${limits.patternWildcards} wildcards.`,
  });

/** One kind of event: steps, intents, completions and goals are written like this. Only `path` means a page view of it. */
export const match = z
  .strictObject({
    event: z.string().min(1).max(limits.nameLength).optional(),
    path: pattern.optional(),
    host: pattern.optional(),
    props: z
      .record(z.string().min(1).max(limits.propKeyLength), z.string().max(limits.propValueLength))
      .refine((props) => Object.keys(props).length <= limits.props)
      .optional(),
  })
  .refine((value) => value.event !== undefined || value.path !== undefined, {
    message: 'Name an event, a path, or both.',
  });
export type Match = z.infer<typeof match>;

/** The event name a match asks for: `pageview` where only a path is given. */
export function matchedEvent(value: Match): string {
  return value.event ?? 'pageview';
}

/** Whether two matches ask for the same events, however their properties are ordered. */
export function isSameMatch(one: Match, other: Match): boolean {
  const keys = Object.keys(one.props ?? {});
  return (
    matchedEvent(one) === matchedEvent(other) &&
    one.path === other.path &&
    one.host === other.host &&
    keys.length === Object.keys(other.props ?? {}).length &&
    keys.every((key) => one.props?.[key] === other.props?.[key])
  );
}

export const filterOps = ['is', 'is_not', 'contains', 'not_contains'] as const;

/** One condition of a question. Several values are alternatives; several filters must all hold. */
export const filter = z.strictObject({
  dimension: z.union([z.enum(dimensions), z.templateLiteral(['prop:', z.string().min(1).max(limits.propKeyLength)])]),
  op: z.enum(filterOps),
  value: z.array(z.string().max(limits.urlLength)).min(1).max(limits.filterValues),
});
export type Filter = z.infer<typeof filter>;

export const filters = z.array(filter).max(limits.filters);
