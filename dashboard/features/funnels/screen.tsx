import { Button, Skeleton, Stack } from '@mantine/core';
import { IconChartBar, IconTable } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect } from 'react';
import { type FunnelQuestion, funnelQuery, seenQuery } from '../../api/queries.ts';
import { FilterChips } from '../../shell/filter-chips.tsx';
import { Page } from '../../shell/page.tsx';
import { RangeControls } from '../../shell/range-controls.tsx';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Builder } from './builder.tsx';
import { askableSteps, leakSentence, type Step, suggestSteps } from './data.ts';
import { DropDrawer } from './drop-drawer.tsx';
import { FunnelBars } from './funnel-bars.tsx';
import { FunnelTable } from './funnel-table.tsx';
import classes from './funnels.module.css';
import { SavedFunnels } from './saved-funnels.tsx';
import { useDraft } from './use-draft.ts';

const route = getRouteApi('/signed-in/sites/$site/funnels');
const noSteps: Step[] = [];

/** Build a path, see where people leave it, open who left. */
export function FunnelsScreen() {
  const site = useSite();
  const { range, filters } = useQuestion();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const seen = useQuery(seenQuery(site.id));
  const suggestion = seen.data && search.steps === undefined ? suggestSteps(seen.data) : undefined;

  useEffect(() => {
    if (suggestion && suggestion.length > 0)
      void navigate({ search: (old) => ({ ...old, steps: suggestion }), replace: true });
  }, [suggestion, navigate]);

  const [steps, setSteps] = useDraft(
    search.steps ?? noSteps,
    (next) =>
      void navigate({
        search: (old) => ({ ...old, steps: next, drop: undefined, tab: undefined }),
        replace: true,
        resetScroll: false,
      }),
  );
  const unit = search.by ?? 'visitor';
  const asked = askableSteps(search.steps ?? noSteps);
  const question: FunnelQuestion = {
    ...range,
    window: search.window ?? '24h',
    by: unit,
    order: 'ordered',
    steps: asked,
    ...(filters.length > 0 ? { filters } : {}),
  };
  const funnel = useQuery({ ...funnelQuery(site.id, question), enabled: asked.length > 0 });
  const answer = asked.length > 0 ? funnel.data : undefined;
  const openDrop = (drop: number) => void navigate({ search: (old) => ({ ...old, drop }), resetScroll: false });

  return (
    <Page
      title="Funnels"
      lead="A path you hope people take, and where they leave it."
      aside={
        <>
          <SavedFunnels
            definition={{ steps: asked, window: question.window, by: unit }}
            onLoad={(loaded) =>
              void navigate({
                search: (old) => ({ ...old, ...loaded, drop: undefined, tab: undefined }),
              })
            }
          />
          <RangeControls plain />
        </>
      }
    >
      <FilterChips />
      <div className={classes.columns}>
        <Builder
          steps={steps}
          seen={seen.data}
          window={question.window}
          unit={unit}
          onSteps={setSteps}
          onWindow={(window) => void navigate({ search: (old) => ({ ...old, window }), resetScroll: false })}
          onUnit={(by) =>
            void navigate({
              search: (old) => ({ ...old, by: by === 'session' ? 'session' : undefined }),
              resetScroll: false,
            })
          }
        />
        <Panel
          title="Result"
          hint={`Each ${unit} counts once, at the deepest step reached. Steps must be taken in this order; other pages may lie between. The time runs from the first step.`}
          aside={
            answer ? (
              <Button
                variant="subtle"
                size="compact-sm"
                leftSection={search.view === 'table' ? <IconChartBar size={15} /> : <IconTable size={15} />}
                onClick={() =>
                  void navigate({
                    search: (old) => ({ ...old, view: old.view === 'table' ? undefined : 'table' }),
                    resetScroll: false,
                  })
                }
              >
                {search.view === 'table' ? 'Chart' : 'Table'}
              </Button>
            ) : null
          }
        >
          {asked.length === 0 && (seen.data || seen.isError) ? (
            <EmptyState title="Add the first step">
              {seen.data && seen.data.pages.length === 0
                ? 'No pages have been seen yet. Once the tag is installed, pages and events are suggested here.'
                : 'Choose a page or an event in step 1. Add a second one to see who goes on.'}
            </EmptyState>
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
                {leakSentence(answer.steps, unit)}
              </p>
              {search.view === 'table' ? (
                <FunnelTable steps={answer.steps} unit={unit} onDrop={openDrop} />
              ) : (
                <FunnelBars steps={answer.steps} unit={unit} onDrop={openDrop} />
              )}
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
        onTab={(tab) =>
          void navigate({
            search: (old) => ({ ...old, tab: tab === 'next' ? 'next' : undefined }),
            replace: true,
            resetScroll: false,
          })
        }
        onClose={() =>
          void navigate({ search: (old) => ({ ...old, drop: undefined, tab: undefined }), resetScroll: false })
        }
      />
    </Page>
  );
}
