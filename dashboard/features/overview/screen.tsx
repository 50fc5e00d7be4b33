import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { OverviewRequest } from '../../../collector/contract/overview.ts';
import { overviewQuery } from '../../api/queries.ts';
import { FilterChips } from '../../shell/filter-chips.tsx';
import { Page } from '../../shell/page.tsx';
import { RangeControls } from '../../shell/range-controls.tsx';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { BreakdownPanel } from './breakdown-panel.tsx';
import { type BreakdownCard, breakdownTabs } from './data.ts';
import { DroppedPanel } from './dropped-panel.tsx';
import { LeaksLine } from './leaks-line.tsx';
import { MinutesPanel } from './minutes-panel.tsx';
import classes from './overview.module.css';
import { RealtimeLine } from './realtime-line.tsx';
import { TrendPanel } from './trend-panel.tsx';

const route = getRouteApi('/signed-in/sites/$site/overview');

/** Who came, from where, and how it went. */
export function OverviewScreen() {
  const site = useSite();
  const { range, compare, filters } = useQuestion();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const body: OverviewRequest = {
    ...range,
    ...(filters.length > 0 ? { filters } : {}),
    ...(compare === 'none' ? {} : { compare }),
  };
  const overview = useQuery({
    ...overviewQuery(site.id, body),
    // Who has just installed the tag is looking for the first visitor.
    refetchInterval: (query) => (query.state.data?.totals.events === 0 ? 3_000 : 60_000),
  });
  const dropped = overview.data && (overview.data.dropped ?? []);
  // The lists take longer than everything above them, and would slow it down.
  const listsWait = overview.isPending || overview.isPlaceholderData;
  const nothing = overview.data !== undefined && overview.data.totals.events === 0;

  return (
    <Page title="Overview" lead={<RealtimeLine />} aside={<RangeControls />}>
      <FilterChips compares />
      {overview.isError && !overview.data ? (
        <ErrorState error={overview.error} onRetry={() => void overview.refetch()} />
      ) : (
        <TrendPanel
          answer={overview.data}
          metric={search.metric ?? 'visitors'}
          asTable={search.view === 'table'}
          onMetric={(metric) => void navigate({ search: (old) => ({ ...old, metric }), resetScroll: false })}
          onTable={(table) =>
            void navigate({ search: (old) => ({ ...old, view: table ? 'table' : undefined }), resetScroll: false })
          }
        />
      )}
      {overview.isError && !overview.data ? null : nothing ? (
        <>
          <Panel>
            {site.firstEventAt === null ? (
              <EmptyState
                title="No visits yet"
                action={
                  <Button onClick={() => void navigate({ to: '/sites/$site/install', params: { site: site.id } })}>
                    Install the tag
                  </Button>
                }
              >
                Put the script tag on your website. The first visit shows up here within a few seconds.
              </EmptyState>
            ) : (
              <EmptyState title="Nothing happened in this range">
                Choose a longer range{filters.length > 0 ? ', or remove a filter' : ''}.
              </EmptyState>
            )}
          </Panel>
          {dropped && dropped.length > 0 ? <DroppedPanel dropped={dropped} /> : null}
        </>
      ) : (
        <>
          <LeaksLine />
          <div className={classes.cards}>
            {(Object.keys(breakdownTabs) as BreakdownCard[]).map((card) => (
              <BreakdownPanel
                key={card}
                card={card}
                waits={listsWait}
                dimension={search[card] ?? breakdownTabs[card][0].value}
                onDimension={(dimension) =>
                  void navigate({ search: (old) => ({ ...old, [card]: dimension }), resetScroll: false })
                }
              />
            ))}
            <MinutesPanel />
            <DroppedPanel dropped={dropped} />
          </div>
        </>
      )}
    </Page>
  );
}
