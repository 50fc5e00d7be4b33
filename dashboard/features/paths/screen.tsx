import { Button, SegmentedControl, Select, Skeleton, Stack, Switch, Table } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { PathsAnswer } from '../../../collector/contract/paths.ts';
import { type PathsQuestion, pathsQuery, seenQuery } from '../../api/queries.ts';
import { downloadCsv } from '../../csv.ts';
import { formatCount, formatRate } from '../../format.ts';
import { FilterChips } from '../../shell/filter-chips.tsx';
import { Page } from '../../shell/page.tsx';
import { RangeControls } from '../../shell/range-controls.tsx';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { MatchEditor } from '../../ui/match-editor.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Wide } from '../../ui/wide.tsx';
import { askableMatch } from '../funnels/data.ts';
import { useDraft } from '../funnels/use-draft.ts';
import { Columns } from './columns.tsx';
import {
  type Direction,
  directionOf,
  fewestColumns,
  isAskable,
  linkOf,
  mostColumns,
  needsEvents,
  nodeMatch,
  nodeName,
  type PathsSearch,
  pathLines,
  pathsSentence,
  selectedCount,
  shownColumns,
  toFlow,
} from './data.ts';
import classes from './paths.module.css';
import { PeopleDrawer } from './people-drawer.tsx';

const FlowChart = lazy(() => import('../../charts/flow-chart.tsx'));
const route = getRouteApi('/signed-in/sites/$site/paths');
const nothingSelected = { column: undefined, node: undefined, next: undefined, people: undefined };

/** Where people go from a place, and how they come to one. */
export function PathsScreen() {
  const site = useSite();
  const { range, filters } = useQuestion();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const seen = useQuery(seenQuery(site.id));
  const set = (change: PathsSearch, replace = false) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace, resetScroll: false });

  const [where, setWhere] = useDraft<Pick<PathsSearch, 'start' | 'end'>>(
    { start: search.start, end: search.end },
    (next) => set({ ...next, ...nothingSelected }, true),
  );
  const direction = directionOf(where);
  const shownDirection = directionOf(search);
  const unit = search.by ?? 'session';
  const askable = isAskable(search);
  const question: PathsQuestion = {
    ...range,
    ...(search.start ? { start: askableMatch(search.start) } : search.end ? { end: askableMatch(search.end) } : {}),
    by: unit,
    depth: search.depth ?? 5,
    limit: 10,
    group: search.ids === undefined,
    events: needsEvents(search) || search.events === undefined,
    ...(filters.length > 0 ? { filters } : {}),
  };
  const paths = useQuery({ ...pathsQuery(site.id, question), enabled: askable });
  const answer = askable ? paths.data : undefined;
  const view = search.view ?? 'columns';
  const selected =
    search.column === undefined || search.node === undefined
      ? undefined
      : { column: search.column, label: search.node };

  return (
    <Page title="Paths" lead="Where people go from a page, and how they come to one." aside={<RangeControls plain />}>
      <FilterChips />
      <Panel title="Question">
        <div className={classes.controls}>
          <div className={classes.where}>
            <SegmentedControl
              size="xs"
              aria-label="Paths to show"
              value={direction}
              data={[
                { value: 'entry', label: 'From the entrance' },
                { value: 'start', label: 'Starting from' },
                { value: 'end', label: 'Leading to' },
              ]}
              onChange={(next) => setWhere(toWhere(next, where.start ?? where.end))}
            />
            {direction === 'entry' ? null : (
              <MatchEditor
                label={direction === 'start' ? 'Starting from' : 'Leading to'}
                value={where.start ?? where.end ?? { path: '' }}
                seen={seen.data}
                onChange={(match) => setWhere(toWhere(direction, match))}
              />
            )}
          </div>
          <div className={classes.settings}>
            <Select
              className={classes.select}
              label="Count"
              data={[
                { value: 'session', label: 'Sessions' },
                { value: 'visitor', label: 'Visitors' },
              ]}
              value={unit}
              allowDeselect={false}
              onChange={(next) => set({ by: next === 'visitor' ? 'visitor' : undefined, ...nothingSelected })}
            />
            <Select
              className={classes.select}
              label="Columns"
              data={Array.from({ length: mostColumns - fewestColumns + 1 }, (_, index) =>
                String(index + fewestColumns),
              )}
              value={String(question.depth)}
              allowDeselect={false}
              onChange={(next) => set({ depth: next === null || next === '5' ? undefined : Number(next) })}
            />
            <Switch
              label="Show events too"
              description="Off: from page to page only"
              checked={question.events}
              // A path from or to an event cannot do without them.
              disabled={needsEvents(search)}
              onChange={(event) => set({ events: event.currentTarget.checked ? undefined : 'off', ...nothingSelected })}
            />
            <Switch
              label="Group ids in addresses"
              description="/orders/4711 counts as /orders/:id"
              checked={question.group}
              onChange={(event) => set({ ids: event.currentTarget.checked ? undefined : 'apart', ...nothingSelected })}
            />
          </div>
        </div>
      </Panel>
      <Panel
        title="Result"
        hint={`Each ${unit} has one path. Every column adds up to the one before it: who did not go on is counted as left. Reloads of the same page count once.`}
        aside={
          answer ? (
            <SegmentedControl
              size="xs"
              aria-label="Show as"
              value={view}
              data={[
                { value: 'columns', label: 'Columns' },
                { value: 'flow', label: 'Flow' },
                { value: 'table', label: 'Table' },
              ]}
              onChange={(next) => set({ view: next === 'flow' || next === 'table' ? next : undefined })}
            />
          ) : null
        }
      >
        {!askable ? (
          <EmptyState title={shownDirection === 'end' ? 'Where do the paths lead?' : 'Where do the paths start?'}>
            Choose a page or an event above. What was seen on the site is suggested.
          </EmptyState>
        ) : paths.isError ? (
          <ErrorState error={paths.error} onRetry={() => void paths.refetch()} />
        ) : !answer ? (
          <Stack gap="lg">
            <Skeleton height={22} width="70%" />
            <Skeleton height={260} />
          </Stack>
        ) : (answer.columns[0]?.total ?? 0) === 0 ? (
          <EmptyState title="Nobody took such a path in this range">
            Choose a longer range{filters.length > 0 ? ', remove a filter' : ''}
            {shownDirection === 'entry' ? '' : ', or another page or event'}.
          </EmptyState>
        ) : (
          <div className={classes.result} data-old={paths.isPlaceholderData || undefined}>
            <p className={classes.sentence} aria-live="polite">
              {pathsSentence(answer, { unit, direction: shownDirection })}
            </p>
            {view === 'table' ? (
              <LinksTable answer={answer} direction={shownDirection} />
            ) : view === 'flow' ? (
              <Suspense fallback={<Skeleton height={320} />}>
                <FlowChart flow={toFlow(answer)} />
              </Suspense>
            ) : (
              <Columns
                columns={shownColumns(answer, selected).filter((column) => column.total > 0)}
                direction={shownDirection}
                unit={unit}
                selected={selected}
                onSelect={(place) =>
                  set({ ...nothingSelected, ...(place ? { column: place.column, node: place.label } : {}) }, true)
                }
                onPeople={(place) => set({ column: place.column, node: place.label, next: undefined, people: 'open' })}
                onLink={(other) => selected && set({ ...linkOf(selected, other), people: 'open' })}
                onStart={(node) => {
                  const match = nodeMatch(node);
                  if (match) set({ start: match, end: undefined, ...nothingSelected });
                }}
              />
            )}
          </div>
        )}
      </Panel>
      <PeopleDrawer
        question={question}
        selection={
          selected && search.people === 'open'
            ? { ...selected, ...(search.next === undefined ? {} : { next: search.next }) }
            : undefined
        }
        count={
          answer && selected
            ? selectedCount(answer, { column: selected.column, node: selected.label, next: search.next })
            : undefined
        }
        title={selected ? selectionName(answer, selected, search.next) : ''}
        unit={unit}
        onClose={() => set({ next: undefined, people: undefined })}
      />
    </Page>
  );
}

function toWhere(direction: string, match: PathsSearch['start']): Pick<PathsSearch, 'start' | 'end'> {
  const given = match ?? { path: '' };
  if (direction === 'start') return { start: given, end: undefined };
  return direction === 'end' ? { start: undefined, end: given } : { start: undefined, end: undefined };
}

function selectionName(
  answer: PathsAnswer | undefined,
  selected: { column: number; label: string },
  next: string | undefined,
): string {
  const named = (column: number, label: string) => {
    const node = answer?.columns[column]?.nodes.find((one) => one.label === label);
    return node ? nodeName(node) : label;
  };
  const at = named(selected.column, selected.label);
  if (next === undefined) return at;
  const other = named(selected.column + 1, next);
  return answer?.direction === 'backward' ? `${other} → ${at}` : `${at} → ${other}`;
}

function LinksTable({ answer, direction }: { answer: PathsAnswer; direction: Direction }) {
  const lines = pathLines(answer, direction);
  return (
    <Stack gap="sm">
      <Button
        className={classes.download}
        size="compact-sm"
        variant="default"
        leftSection={<IconDownload size={15} />}
        onClick={() =>
          downloadCsv(
            'paths',
            lines.map(({ key: _, ...line }) => line),
          )
        }
      >
        Download CSV
      </Button>
      <Wide label="Paths as a table">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Step</Table.Th>
              <Table.Th>From</Table.Th>
              <Table.Th>To</Table.Th>
              <Table.Th ta="right">Count</Table.Th>
              <Table.Th ta="right">Share</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map((line) => (
              <Table.Tr key={line.key}>
                <Table.Td className={classes.nowrap}>{line.step}</Table.Td>
                <Table.Td>{line.from}</Table.Td>
                <Table.Td>{line.to}</Table.Td>
                <Table.Td ta="right">{formatCount(line.count)}</Table.Td>
                <Table.Td ta="right">{formatRate(line.share)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Stack>
  );
}
