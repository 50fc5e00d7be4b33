import { SegmentedControl, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect } from 'react';
import { type FunnelQuestion, type FunnelView, funnelQuery, seenPropsQuery, seenQuery } from '../../api/queries.ts';
import { formatInstant } from '../../format.ts';
import { FilterChips } from '../../shell/filter-chips.tsx';
import { Page } from '../../shell/page.tsx';
import { RangeControls } from '../../shell/range-controls.tsx';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { BreakdownTable } from './breakdown-table.tsx';
import { Builder } from './builder.tsx';
import {
  askableExclusions,
  askableSteps,
  type Exclusion,
  leakSentence,
  resultHint,
  type Step,
  suggestSteps,
  type Unit,
} from './data.ts';
import { DropDrawer } from './drop-drawer.tsx';
import { breakdownName, optionalSteps, trendInterval } from './explain.ts';
import { followUpFunnel, followUpSentence, followUpSteps } from './follow-up.ts';
import { FunnelBars } from './funnel-bars.tsx';
import { FunnelTable } from './funnel-table.tsx';
import classes from './funnels.module.css';
import { SavedFunnels } from './saved-funnels.tsx';
import { type FunnelSearch, rangeUntil } from './search.ts';
import { Suggestions } from './suggestions.tsx';
import { Trend } from './trend.tsx';
import { useDraft } from './use-draft.ts';

const route = getRouteApi('/signed-in/sites/$site/funnels');
const noSteps: Step[] = [];
const noExclusions: Exclusion[] = [];
const closed = { drop: undefined, tab: undefined };

/** Build a path, see where people leave it, open who left. */
export function FunnelsScreen() {
  const site = useSite();
  const { range: wholeRange, compare, filters } = useQuestion();
  const search = route.useSearch();
  const range = rangeUntil(wholeRange, search.until, site.timezone);
  const navigate = route.useNavigate();
  const seen = useQuery(seenQuery(site.id));
  const suggestion = seen.data && search.steps === undefined ? suggestSteps(seen.data) : undefined;

  useEffect(() => {
    if (suggestion && suggestion.length > 0)
      void navigate({ search: (old) => ({ ...old, steps: suggestion }), replace: true });
  }, [suggestion, navigate]);

  const set = (change: FunnelSearch, replace = false) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace, resetScroll: false });
  const [steps, setSteps] = useDraft(search.steps ?? noSteps, (next) => set({ steps: next, ...closed }, true));
  const [exclusions, setExclusions] = useDraft(search.exclude ?? noExclusions, (next) =>
    set({ exclude: next.length > 0 ? next : undefined, ...closed }, true),
  );
  const unit: Unit = search.by ?? 'visitor';
  const order = search.order ?? 'ordered';
  const asked = askableSteps(search.steps ?? noSteps);
  const exclude = askableExclusions(search.exclude ?? noExclusions, search.steps ?? noSteps);
  const question: FunnelQuestion = {
    ...range,
    window: search.window ?? '24h',
    by: unit,
    order,
    steps: asked,
    ...(exclude.length > 0 ? { exclude } : {}),
    ...(filters.length > 0 ? { filters } : {}),
  };
  const entry = asked[0]?.match;
  const entryProps = useQuery({
    ...seenPropsQuery(site.id, entry?.event ?? 'pageview'),
    enabled: entry !== undefined,
  });
  const view = search.view ?? 'chart';
  const interval = trendInterval(range);
  const body: FunnelView = {
    ...question,
    ...(search.breakdown ? { breakdown: search.breakdown } : {}),
    ...(compare === 'none' ? {} : { compare }),
    ...(view === 'trend' ? { trend: interval } : {}),
  };
  const funnel = useQuery({ ...funnelQuery(site.id, body), enabled: asked.length > 0 });
  const answer = asked.length > 0 ? funnel.data : undefined;
  const optional = optionalSteps(asked);
  const followUp = followUpSteps(seen.data?.events ?? []);
  const handOver = answer ? followUpSentence(asked, answer.steps) : null;
  const openDrop = (drop: number) => set({ drop });
  const shown = {
    before: answer?.comparison?.steps,
    optional,
    currency: site.settings.currency,
    unit,
    onDrop: openDrop,
  };

  return (
    <Page
      title="Funnels"
      lead="A path you hope people take, and where they leave it."
      aside={
        <>
          <SavedFunnels
            definition={{
              steps: asked,
              window: question.window,
              by: unit,
              order,
              ...(exclude.length > 0 ? { exclude } : {}),
            }}
            onLoad={(loaded) => set({ ...loaded, ...closed })}
          />
          <RangeControls />
        </>
      }
    >
      <FilterChips
        compares
        limit={
          range.to === search.until
            ? { name: `Until ${formatInstant(range.to, site.timezone)}`, onRemove: () => set({ until: undefined }) }
            : undefined
        }
      />
      <div className={classes.columns}>
        <Builder
          steps={steps}
          seen={seen.data}
          window={question.window}
          unit={unit}
          order={order}
          breakdown={search.breakdown}
          entryProps={(entryProps.data?.items ?? []).map(({ key }) => key)}
          exclusions={exclusions}
          followUp={followUp}
          onSteps={setSteps}
          onWindow={(window) => set({ window })}
          onUnit={(by) => set({ by: by === 'visitor' ? undefined : by })}
          onOrder={(next) => set({ order: next === 'ordered' ? undefined : next })}
          onBreakdown={(breakdown) => set({ breakdown })}
          onExclusions={setExclusions}
        />
        <Panel
          title="Result"
          hint={resultHint(unit, order)}
          aside={
            answer ? (
              <SegmentedControl
                size="xs"
                aria-label="Show as"
                value={view}
                data={[
                  { value: 'chart', label: 'Chart' },
                  { value: 'table', label: 'Table' },
                  { value: 'trend', label: 'Trend' },
                ]}
                onChange={(next) => set({ view: next === 'table' || next === 'trend' ? next : undefined })}
              />
            ) : null
          }
        >
          {asked.length === 0 && (seen.data || seen.isError) ? (
            <>
              <EmptyState title="Add the first step">
                {seen.data && seen.data.pages.length === 0
                  ? 'No pages were seen in the last 30 days. Pages and events are suggested here as soon as there are some.'
                  : 'Choose a page or an event in step 1. Add a second one to see who goes on.'}
              </EmptyState>
              <Suggestions
                isFollowedUp={followUp.length > 0}
                onChoose={(chosen) => setSteps(chosen)}
                onFollowUp={() => set({ ...followUpFunnel, by: undefined, ...closed })}
              />
            </>
          ) : funnel.isError ? (
            <ErrorState error={funnel.error} onRetry={() => void funnel.refetch()} />
          ) : !answer ? (
            <Stack gap="lg">
              <Skeleton height={22} width="80%" />
              {[100, 62, 34].map((width) => (
                <Skeleton key={width} height={44} width={`${width}%`} />
              ))}
            </Stack>
          ) : (
            <div className={classes.result} data-old={funnel.isPlaceholderData || undefined}>
              <p className={classes.sentence} aria-live="polite">
                {leakSentence(answer.steps, unit, optional)}
                {handOver ? ` ${handOver}` : ''}
              </p>
              {view === 'table' ? (
                <FunnelTable steps={answer.steps} {...shown} />
              ) : view === 'chart' ? (
                <FunnelBars steps={answer.steps} {...shown} />
              ) : answer.trend ? (
                <Trend trend={answer.trend} interval={interval} />
              ) : (
                <Skeleton height={260} />
              )}
              {search.breakdown && answer.breakdown ? (
                <section className={classes.more} aria-label={`By ${breakdownName(search.breakdown)}`}>
                  <BreakdownTable breakdown={answer.breakdown} dimension={search.breakdown} />
                </section>
              ) : null}
            </div>
          )}
        </Panel>
      </div>
      <DropDrawer
        question={question}
        steps={answer?.steps ?? []}
        step={search.drop}
        tab={search.tab ?? 'people'}
        unit={unit}
        asked={asked}
        onTab={(tab) => set({ tab: tab === 'people' ? undefined : tab }, true)}
        onClose={() => set(closed)}
      />
    </Page>
  );
}
