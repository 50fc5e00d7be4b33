import type { View } from './batch.ts';
import { inStorage } from './in-storage.ts';
import { storedName, visitor } from './who.ts';

/** The server knows a repeat for a day, and after a day it no longer believes when an event was. */
const oldestMs = 24 * 60 * 60 * 1000;

/** TRICKY: each view has a name of its own, so that tabs never overwrite one another. */
const nameOf = ({ page }: View) => `${storedName()}.${page}`;

/** Keeps a view for the next page of this visitor. Only where an id may be stored. */
export function keepForLater(view: View): void {
  if (visitor)
    inStorage((storage) => {
      storage[nameOf(view)] = JSON.stringify(view);
    });
}

/** The server has all of the view. */
export function forget(view: View): void {
  inStorage((storage) => delete storage[nameOf(view)]);
}

/** What pages of this visitor kept. It stays until the server has it: a page that dies sending it takes nothing along. */
export function leftovers(): View[] {
  const views: View[] = [];
  if (visitor)
    inStorage((storage) => {
      for (const name in storage)
        if (name.startsWith(`${storedName()}.`)) {
          const view: View = JSON.parse(storage[name]);
          if (Date.now() - (view.events[0]?.at ?? 0) < oldestMs) views.push(view);
          else delete storage[name];
        }
    });
  return views;
}
