import type { AutoEvent, Props } from '../calls.ts';

/** Sends an event, unless the owner switched its kind off. */
export type Tell = (kind: AutoEvent, name: string, props?: Props) => void;
