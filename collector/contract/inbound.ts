import * as z from 'zod';

/** Tools whose messages are understood; `touch` is our own shape. docs/touches.md has a message of each. */
export const inboundPresets = ['callrail', 'calcom', 'mailgun', 'postmark', 'touch'] as const;
export type InboundPreset = (typeof inboundPresets)[number];

export const newInbound = z.strictObject({ preset: z.enum(inboundPresets) });

/** An address at which another tool tells of touches. */
export interface Inbound {
  preset: InboundPreset;
  createdAt: string;
  /** Messages that were understood. */
  received: number;
  lastAt: string | null;
  /** What was wrong with the last message; null where it was understood. */
  lastProblem: string | null;
}

/** Answer of `POST /sites/SITE/inbound`: the only time that the address is shown. */
export interface NewInbound extends Inbound {
  url: string;
}
