import type { List } from '../../../collector/contract/answers.ts';
import type { FunnelPerson } from '../../../collector/contract/funnel.ts';

/** Every item of a list that comes in pages. */
export async function allPages<Item>(ask: (cursor: string | null) => Promise<List<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: List<Item> = await ask(cursor);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return items;
}

/** What to call a person by: name, e-mail, or the last digits of the anonymous id. */
export function personLabel({ id, lead }: Pick<FunnelPerson, 'id' | 'lead'>): string {
  return lead ? (lead.name ?? lead.email ?? lead.id) : `…${id.slice(-6)}`;
}

/** One line of the file. */
export function personRow(person: FunnelPerson): Record<string, string | number | null> {
  return {
    // TRICKY: an id has up to 20 digits, of which a spreadsheet keeps 15 of a number. The apostrophe makes it text.
    id: `'${person.id}`,
    name: person.lead?.name ?? null,
    email: person.lead?.email ?? null,
    at: person.stoppedAt,
    step: person.reached,
    last_page: person.lastPath,
    source: person.source || 'direct',
    country: person.country,
    device: person.device,
  };
}
