import { type NewTouch, type NotCounted, type TouchData, touchDefaults } from '../contract/leads.ts';

/** What a touch keeps of what its sender said; kind by kind the rest is as usual. */
export function toTouchData(said: Omit<NewTouch, 'at' | 'id'>, notCounted?: NotCounted): TouchData {
  const { kind, automatic, ...rest } = said;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const why = notCounted ?? (automatic ? 'automatic' : undefined);
  return { touch: kind, ...touchDefaults[kind], ...given, ...(why ? { notCounted: why } : {}) };
}
