import * as z from 'zod';
import type { FunnelPerson } from './funnel.ts';
import { filters, match } from './match.ts';
import { range } from './time.ts';

/** Body of `POST /sites/SITE/paths`: forward from `start`, backward from `end`, or from where people come in when neither is given. */
export const pathsRequest = range
  .extend({
    start: match.optional(),
    end: match.optional(),
    /** Columns, the start or end included. */
    depth: z.int().min(2).max(10).default(5),
    by: z.enum(['session', 'visitor']).default('session'),
    /** Nodes of one column; what is less frequent is summed up as `(other)`. */
    limit: z.int().min(1).max(50).default(10),
    /** Replace parts of a path that look like ids (numbers, UUIDs, long hashes) by `:id`. */
    group: z.boolean().default(true),
    /** Whether other events are steps of a path too. Without them paths go from page to page. */
    events: z.boolean().default(true),
    filters: filters.optional(),
  })
  .refine((value) => !(value.start && value.end), { message: 'Give a start or an end, not both.' });
export type PathsRequest = z.infer<typeof pathsRequest>;

export interface PathNode {
  /** A page's path, an event's name, or `(exit)`, `(entry)`, `(other)`. */
  label: string;
  kind: 'page' | 'event' | 'exit' | 'entry' | 'other';
  count: number;
}

/** Every column adds up to the one before: who did not go on is in `(exit)`, who came from nowhere in `(entry)`. */
export interface PathsAnswer {
  direction: 'forward' | 'backward';
  columns: { nodes: PathNode[]; total: number }[];
  /** From a node of column `column` to one of the next; their counts sum to both nodes' counts. */
  links: { column: number; from: string; to: string; count: number }[];
  elapsedMs: number;
  rowsRead: number;
}

/**
 * Body of `POST /sites/SITE/paths/people`: who is behind a node, or behind the link from it to `next` (`to` is the end of the range).
 * `total` equals its count.
 */
export const pathPeopleRequest = z.intersection(
  pathsRequest,
  z.object({
    column: z.int().min(0).max(9),
    label: z.string().max(2_048),
    /** Label of the node in the column after. */
    next: z.string().max(2_048).optional(),
    limitPeople: z.int().min(1).max(1_000).default(50),
    cursor: z.string().max(200).optional(),
  }),
);
export type PathPeopleRequest = z.infer<typeof pathPeopleRequest>;

/**
 * One item of the answer of `POST /sites/SITE/paths/people`. `stoppedAt` is when they were at the node (for `(exit)` and `(entry)`: at the one
 * before), `reached` how many columns their path goes through, at most the depth.
 */
export type PathPerson = FunnelPerson;
