import * as z from 'zod';
import type { LeadDetail } from './lead-answers.ts';
import { limits } from './limits.ts';

/** Body of `POST /sites/SITE/privacy/export` and `…/erase`: one of these. */
export const privacyRequest = z
  .strictObject({
    /** What the page gave to the tracker, or an id from a message. */
    visitor: z.string().min(1).max(limits.idLength).optional(),
    lead: z.string().min(1).max(limits.idLength).optional(),
    email: z.string().min(3).max(254).optional(),
  })
  .refine((named) => Object.values(named).filter(Boolean).length === 1, 'Name a visitor, a lead or an e-mail address.');

/** Everything that is stored of one person. */
export interface ExportedPerson {
  exportedAt: string;
  /** All browsers of this person. */
  visitors: string[];
  lead: LeadDetail | null;
  /** Rows of the event store, all columns, oldest first; at most the latest 100,000. */
  events: Record<string, unknown>[];
  cases: Record<string, unknown>[];
  /** Messages about this person, as they were sent. */
  messages: { at: string; body: string }[];
}

/** How much was deleted. */
export interface ErasedPerson {
  /** False: the event store does not answer; its part is done as soon as it does. */
  done: boolean;
  visitors: number;
  leads: number;
  cases: number;
  messages: number;
}
