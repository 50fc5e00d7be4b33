import { IconUsersGroup } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { limits } from '../../../collector/contract/limits.ts';
import { request } from '../../api/client.ts';
import { segmentsQuery } from '../../api/queries.ts';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { SavedList } from '../../ui/saved-list.tsx';
import { segmentOf } from './draft.ts';

/** Filters kept under a name. Choosing one puts its filters into the address, where every report reads them. */
export function Segments() {
  const site = useSite();
  const { filters, setFilters } = useQuestion();
  const queryClient = useQueryClient();
  const items = useQuery(segmentsQuery(site.id)).data?.items ?? [];
  const chosen = segmentOf(items, filters);
  return (
    <SavedList
      label="Segments"
      noun="segment"
      button={{
        size: 'compact-sm',
        variant: 'subtle',
        color: 'gray',
        leftSection: <IconUsersGroup size={15} stroke={1.6} />,
        children: chosen ? `Segment: ${chosen.name}` : 'Segments',
      }}
      position="bottom-start"
      width={220}
      heading="Show only"
      none="No saved segments yet"
      items={items}
      isChosen={(segment) => segment.id === chosen?.id}
      onChoose={(segment) => setFilters(segment.filters)}
      content={filters.length === 0 || chosen !== undefined ? undefined : filters}
      contentOf={(segment) => segment.filters}
      create={(name, kept) => request('POST', `/sites/${site.id}/segments`, { body: { name, filters: kept } })}
      destroy={(segment) => request('DELETE', `/sites/${site.id}/segments/${segment.id}`)}
      refresh={() => queryClient.invalidateQueries({ queryKey: segmentsQuery(site.id).queryKey })}
      words={{
        save: 'Save these filters…',
        title: 'Save as a segment',
        example: 'Phones from Austria',
        saved: (name) => `Segment “${name}” saved.`,
      }}
      nameLength={limits.nameLength}
    />
  );
}
