import { safely } from './safely.ts';

/**
 * Listens to events by name, several names apart by spaces. On `window` in the capture phase: events of the document and of every
 * element come by there first, those that do not bubble and those that the page stops too. Nothing of ours ever holds an event back
 * (https://github.com/umami-software/umami/issues/3144).
 */
export function listen<Kind extends Event = Event>(names: string, run: (event: Kind) => void): void {
  for (const name of names.split(' ')) addEventListener(name, safely(run) as (event: Event) => void, true);
}
