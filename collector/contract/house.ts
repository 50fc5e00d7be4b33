import { type Clocks, clocks } from './clocks.ts';
import { type LeadDefinition, leadDefinition } from './lead-definition.ts';
import { type Routing, routing } from './routing.ts';
import { type Scoring, scoring } from './scoring.ts';

/** The rules of the house, part by part. Each part has versions of its own. */
export interface HouseParts {
  definition: LeadDefinition;
  scoring: Scoring;
  routing: Routing;
  clocks: Clocks;
}
export type HousePart = keyof HouseParts;

export const houseSchemas = { definition: leadDefinition, scoring, routing, clocks } as const;
export const houseParts = ['definition', 'scoring', 'routing', 'clocks'] as const satisfies readonly HousePart[];

/** One version of one part. */
export interface HouseVersion<Part extends HousePart = HousePart> {
  /** From 1; 0: nothing was saved, this is what holds without. */
  version: number;
  rules: HouseParts[Part];
  /** ISO 8601; null for version 0. */
  savedAt: string | null;
  /** Who saved it: `user:ID`, `key:ID`, `local`; null for version 0. */
  savedBy: string | null;
}

/** What holds now. */
export type House = { [Part in HousePart]: HouseVersion<Part> };

/** Answer of `PUT …/house/PART`. */
export interface SavedHousePart extends HouseVersion {
  /** What is allowed and worth knowing, such as a rule on an event that was never seen. */
  warnings: { path: string; message: string }[];
  /** Leads that will be judged anew in the next moments. */
  leadsToJudge: number;
}
