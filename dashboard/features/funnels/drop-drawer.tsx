import { Button, Drawer, Skeleton, Stack, Table, Tabs, Text } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { FunnelStepResult } from '../../../collector/contract/funnel.ts';
import { type FunnelQuestion, funnelNextQuery, funnelPeopleQuery } from '../../api/queries.ts';
import { formatCount, formatCountry, formatInstant, formatRate, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Wide } from '../../ui/wide.tsx';
import type { Unit } from './data.ts';
import classes from './funnels.module.css';

/** Behind one drop-off: everybody in the number, and what they did instead. */
export function DropDrawer({
  question,
  steps,
  step,
  tab,
  unit,
  onTab,
  onClose,
}: {
  question: FunnelQuestion;
  steps: FunnelStepResult[];
  /** The step after which they left, from 1; undefined: closed. */
  step: number | undefined;
  tab: 'people' | 'next';
  unit: Unit;
  onTab: (tab: 'people' | 'next') => void;
  onClose: () => void;
}) {
  const from = steps.find((one) => one.index === step);
  const opened = step !== undefined && from !== undefined;
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      size={720}
      title={from ? `${plural(from.dropped, unit)} left after ${from.name}` : ''}
    >
      {opened ? (
        <Tabs value={tab} onChange={(next) => onTab(next === 'next' ? 'next' : 'people')} keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="people">Who left</Tabs.Tab>
            <Tabs.Tab value="next">What they did next</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="people" pt="md">
            <People question={question} step={step} unit={unit} />
          </Tabs.Panel>
          <Tabs.Panel value="next" pt="md">
            <Next question={question} step={step} unit={unit} />
          </Tabs.Panel>
        </Tabs>
      ) : null}
    </Drawer>
  );
}

function People({ question, step, unit }: { question: FunnelQuestion; step: number; unit: Unit }) {
  const site = useSite();
  const people = useInfiniteQuery(funnelPeopleQuery(site.id, { ...question, step, outcome: 'dropped' }));
  if (people.isError && !people.data) return <ErrorState error={people.error} onRetry={() => void people.refetch()} />;
  if (!people.data) return <Lines />;
  const items = people.data.pages.flatMap((page) => page.items);
  const total = people.data.pages[0]?.total ?? 0;
  if (total === 0) return <EmptyState title="Nobody left here">Everybody who got this far went on.</EmptyState>;
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {items.length === total
          ? `All ${plural(total, unit)}.`
          : `${formatCount(items.length)} of ${plural(total, unit)}.`}
      </Text>
      <Wide label="Who left">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{unit === 'visitor' ? 'Visitor' : 'Session'}</Table.Th>
              <Table.Th>Left at</Table.Th>
              <Table.Th>Last page</Table.Th>
              <Table.Th>Source</Table.Th>
              <Table.Th>From</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((person) => (
              <Table.Tr key={person.id}>
                <Table.Td>
                  {person.lead ? (person.lead.name ?? person.lead.email ?? person.lead.id) : `…${person.id.slice(-6)}`}
                </Table.Td>
                <Table.Td className={classes.nowrap}>{formatInstant(person.stoppedAt, site.timezone)}</Table.Td>
                <Table.Td>{person.lastPath}</Table.Td>
                <Table.Td>{person.source || 'direct'}</Table.Td>
                <Table.Td>
                  {formatCountry(person.country)}, {person.device}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      {people.hasNextPage ? (
        <Button variant="default" loading={people.isFetchingNextPage} onClick={() => void people.fetchNextPage()}>
          Show more
        </Button>
      ) : null}
    </Stack>
  );
}

const kindWords = { page: 'page', event: 'event', exit: 'left the site' } as const;

function Next({ question, step, unit }: { question: FunnelQuestion; step: number; unit: Unit }) {
  const site = useSite();
  const next = useQuery(funnelNextQuery(site.id, { ...question, step }));
  if (next.isError && !next.data) return <ErrorState error={next.error} onRetry={() => void next.refetch()} />;
  if (!next.data) return <Lines />;
  const { dropped, items } = next.data;
  if (dropped === 0) return <EmptyState title="Nobody left here">Everybody who got this far went on.</EmptyState>;
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        The first thing each {unit} did instead of the next step. The numbers add up to {formatCount(dropped)}.
      </Text>
      <ol className={classes.next}>
        {items.map((item) => (
          <li
            key={`${item.kind} ${item.label}`}
            className={classes.nextRow}
            data-exit={item.kind === 'exit' || undefined}
          >
            <span className={classes.nextBar} style={{ width: `${(item.count / Math.max(1, dropped)) * 100}%` }} />
            <span className={classes.nextName}>
              {item.kind === 'exit' ? 'Left the site' : item.label}{' '}
              {item.kind === 'exit' ? null : <span className={classes.nextKind}>{kindWords[item.kind]}</span>}
            </span>
            <span className={classes.nextValue}>
              <b>{formatCount(item.count)}</b> {formatRate(dropped === 0 ? 0 : item.count / dropped)}
            </span>
          </li>
        ))}
      </ol>
    </Stack>
  );
}

function Lines() {
  return (
    <Stack gap="xs">
      {[100, 92, 96, 84, 90].map((width) => (
        <Skeleton key={width} height={28} width={`${width}%`} />
      ))}
    </Stack>
  );
}
