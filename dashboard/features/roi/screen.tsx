import { Button, SegmentedControl, Skeleton } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { roiQuery } from '../../api/roi-queries.ts';
import { downloadCsv } from '../../csv.ts';
import { Page } from '../../shell/page.tsx';
import { RangeControls } from '../../shell/range-controls.tsx';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { CountedDrawer } from '../week/counted-drawer.tsx';
import { Costs } from './costs.tsx';
import { type RoiSearch, roiNumberNames, sourceName } from './data.ts';
import { RoiTable } from './roi-table.tsx';

const route = getRouteApi('/signed-in/sites/$site/roi');

/** What each source costs and brings. */
export function RoiScreen() {
  const site = useSite();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { range } = useQuestion();
  const { of, source, campaign } = search;
  const by = search.by ?? 'first';
  const roi = useQuery(roiQuery(site.id, { ...range, by }));
  const { data } = roi;
  const set = (change: RoiSearch) => void navigate({ search: (old) => ({ ...old, ...change }), resetScroll: false });
  return (
    <Page
      title="Source ROI"
      lead="What each source costs, and what becomes of its leads."
      aside={
        <>
          <SegmentedControl
            size="xs"
            aria-label="Whose is a lead"
            value={by}
            data={[
              { value: 'first', label: 'First touch' },
              { value: 'last', label: 'Last touch' },
            ]}
            onChange={(next) => set({ by: next === 'last' ? 'last' : undefined })}
          />
          <RangeControls plain />
        </>
      }
    >
      <Panel
        title="By source"
        aside={
          data && data.rows.length > 0 ? (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconDownload size={15} />}
              onClick={() =>
                downloadCsv(
                  `roi ${site.name}`,
                  data.rows.map((row) => ({ ...row })),
                )
              }
            >
              Download CSV
            </Button>
          ) : null
        }
      >
        {roi.isError && !data ? (
          <ErrorState error={roi.error} onRetry={() => void roi.refetch()} />
        ) : !data ? (
          <Skeleton height={220} />
        ) : data.rows.length === 0 ? (
          <EmptyState title="No leads in this range">
            Choose a longer range, or enter below what your sources cost.
          </EmptyState>
        ) : (
          <RoiTable
            roi={data}
            onOpen={(row, number) => set({ of: number, source: row.source, campaign: row.campaign || undefined })}
          />
        )}
      </Panel>
      <Costs />
      <CountedDrawer
        counted={
          of === undefined || source === undefined
            ? null
            : {
                of: 'roi',
                question: { ...range, by, of, source, campaign },
                title: `${sourceName({ source, campaign: campaign ?? '' })}: ${roiNumberNames[of].toLowerCase()}`,
              }
        }
        onClose={() => set({ of: undefined, source: undefined, campaign: undefined })}
      />
    </Page>
  );
}
