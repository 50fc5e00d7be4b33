import { Box, Button, Skeleton, Stack, Table, UnstyledButton } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { limits } from '../../../collector/contract/limits.ts';
import { breakdownQuery } from '../../api/queries.ts';
import { downloadCsv } from '../../csv.ts';
import { formatCount } from '../../format.ts';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Wide } from '../../ui/wide.tsx';
import { eventRows } from './data.ts';
import { EventDrawer } from './event-drawer.tsx';
import classes from './goals.module.css';

const route = getRouteApi('/signed-in/sites/$site/goals');

/** Everything that happened; an event opens with its properties. */
export function Events() {
  const site = useSite();
  const { range, filters } = useQuestion();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const open = (event: string | undefined) =>
    void navigate({ search: (old) => ({ ...old, event }), resetScroll: false });
  const answer = useQuery(
    breakdownQuery(site.id, {
      ...range,
      dimension: 'event',
      metric: 'events',
      limit: limits.breakdownRows,
      ...(filters.length > 0 ? { filters } : {}),
    }),
  );
  return (
    <Panel
      flush
      title="Events"
      hint="Everything that happened in the range. The tag sends some events by itself; others come from your own code."
      aside={
        answer.data && answer.data.items.length > 0 ? (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconDownload size={15} />}
            aria-label="CSV of the events"
            onClick={() => downloadCsv(`${site.name} events ${range.from}`, eventRows(answer.data.items))}
          >
            CSV
          </Button>
        ) : null
      }
    >
      {answer.isError && !answer.data ? (
        <Box px="lg" pb="lg">
          <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />
        </Box>
      ) : !answer.data ? (
        <Stack p="lg" gap="sm">
          <Skeleton height={32} />
          <Skeleton height={32} />
          <Skeleton height={32} />
        </Stack>
      ) : answer.data.items.length === 0 ? (
        <EmptyState title="Nothing happened in this range">
          Choose a longer range{filters.length > 0 ? ', or remove a filter' : ''}.
        </EmptyState>
      ) : (
        <Wide label="Events as a table">
          <Table horizontalSpacing="lg">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Event</Table.Th>
                <Table.Th ta="right">Times</Table.Th>
                <Table.Th ta="right">Visitors</Table.Th>
                <Table.Th ta="right">Sessions</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {answer.data.items.map((item) => (
                <Table.Tr key={item.key}>
                  <Table.Td className={classes.name}>
                    <UnstyledButton className={classes.eventName} onClick={() => open(item.key)}>
                      {item.key}
                    </UnstyledButton>
                  </Table.Td>
                  <Table.Td ta="right">{formatCount(item.events)}</Table.Td>
                  <Table.Td ta="right">{formatCount(item.visitors)}</Table.Td>
                  <Table.Td ta="right">{formatCount(item.sessions)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
      <EventDrawer event={search.event} onClose={() => open(undefined)} />
    </Panel>
  );
}
