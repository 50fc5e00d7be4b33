import { useQuery } from '@tanstack/react-query';
import { ownersQuery } from '../../api/lead-queries.ts';
import { useSite } from '../../shell/use-site.ts';

/** Who can own a lead: as choices, and by id. */
export function useOwners(): { choices: { value: string; label: string }[]; nameOf: (id: string) => string } {
  const site = useSite();
  const items = useQuery(ownersQuery(site.id)).data?.items ?? [];
  return {
    choices: items.filter((owner) => !owner.left).map(({ id, name }) => ({ value: id, label: name })),
    nameOf: (id) => items.find((owner) => owner.id === id)?.name ?? 'somebody who has left',
  };
}
