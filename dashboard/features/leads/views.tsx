import { IconBookmark } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { limits } from '../../../collector/contract/limits.ts';
import { request } from '../../api/client.ts';
import { leadViewsQuery, type StoredLeadView } from '../../api/lead-queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { SavedList } from '../../ui/saved-list.tsx';
import { toLeadQuestion, withQuestion } from './search.ts';

const route = getRouteApi('/signed-in/sites/$site/leads');

/** Lists of leads kept under a name. Choosing one puts its filters and its order into the address. */
export function Views() {
  const site = useSite();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const queryClient = useQueryClient();
  const items = useQuery(leadViewsQuery(site.id)).data?.items ?? [];
  const question = toLeadQuestion(search);
  const now = JSON.stringify(Object.entries(question).sort());
  const chosen = items.find(({ query }) => JSON.stringify(Object.entries(query).sort()) === now);
  return (
    <SavedList<StoredLeadView, Record<string, string>>
      label="Saved views"
      noun="view"
      button={{
        variant: 'default',
        leftSection: <IconBookmark size={16} stroke={1.6} />,
        children: chosen ? chosen.name : 'Views',
      }}
      position="bottom-end"
      width={240}
      heading="Show"
      none="No saved views yet"
      items={items}
      isChosen={(view) => view.id === chosen?.id}
      onChoose={({ query }) =>
        void navigate({ search: (old) => ({ ...old, ...withQuestion(search, query) }), resetScroll: false })
      }
      content={Object.keys(question).length === 0 || chosen !== undefined ? undefined : { ...question }}
      contentOf={(view) => view.query}
      create={(name, query) => request('POST', `/sites/${site.id}/lead-views`, { body: { name, query } })}
      destroy={(view) => request('DELETE', `/sites/${site.id}/lead-views/${view.id}`)}
      refresh={() => queryClient.invalidateQueries({ queryKey: leadViewsQuery(site.id).queryKey })}
      words={{
        save: 'Save this view…',
        title: 'Save this view',
        example: 'My hot ones',
        saved: (name) => `View “${name}” saved.`,
      }}
      nameLength={limits.nameLength}
    />
  );
}
