import { IconBookmark } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { SavedFunnel } from '../../../collector/contract/manage.ts';
import { request } from '../../api/client.ts';
import { savedFunnelsQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { SavedList } from '../../ui/saved-list.tsx';
import { type Exclusion, type Order, parseExclusions, parseSteps, type Step, type Unit } from './data.ts';

interface Definition {
  steps: Step[];
  window: string;
  by: Unit;
  order: Order;
  exclude?: Exclusion[];
}

/** What a saved funnel puts into the address; what it does not say is the default. */
interface Loaded {
  steps: Step[];
  window: string | undefined;
  by: 'session' | 'lead' | undefined;
  order: 'strict' | 'any' | undefined;
  exclude: Exclusion[] | undefined;
}

/** Funnels kept under a name. */
export function SavedFunnels({ definition, onLoad }: { definition: Definition; onLoad: (loaded: Loaded) => void }) {
  const site = useSite();
  const queryClient = useQueryClient();
  const items = useQuery(savedFunnelsQuery(site.id)).data?.items ?? [];
  const load = (funnel: SavedFunnel) => {
    const { window, by, order } = funnel.definition;
    onLoad({
      steps: parseSteps(funnel.definition.steps) ?? [],
      window: typeof window === 'string' ? window : undefined,
      by: by === 'session' || by === 'lead' ? by : undefined,
      order: order === 'strict' || order === 'any' ? order : undefined,
      exclude: parseExclusions(funnel.definition.exclude),
    });
  };
  return (
    <SavedList<SavedFunnel, object>
      label="Saved funnels"
      noun="funnel"
      button={{
        variant: 'default',
        leftSection: <IconBookmark size={16} stroke={1.6} />,
        children: `Saved${items.length > 0 ? ` (${items.length})` : ''}`,
      }}
      position="bottom-end"
      width={240}
      heading="Open"
      none="No saved funnels yet"
      items={items}
      onChoose={load}
      content={definition.steps.length === 0 ? undefined : definition}
      contentOf={(funnel) => funnel.definition}
      create={(name, kept) => request('POST', `/sites/${site.id}/funnels`, { body: { name, definition: kept } })}
      destroy={(funnel) => request('DELETE', `/sites/${site.id}/funnels/${funnel.id}`)}
      refresh={() => queryClient.invalidateQueries({ queryKey: savedFunnelsQuery(site.id).queryKey })}
      words={{
        save: 'Save this funnel…',
        title: 'Save this funnel',
        example: 'Pricing to booking',
        saved: () => 'Funnel saved.',
      }}
      nameLength={120}
    />
  );
}
