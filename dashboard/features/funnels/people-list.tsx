import { Button, Group, Skeleton, Stack, Table, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type UseInfiniteQueryResult, useMutation } from '@tanstack/react-query';
import type { List } from '../../../collector/contract/answers.ts';
import type { FunnelPerson } from '../../../collector/contract/funnel.ts';
import { downloadCsv } from '../../csv.ts';
import { formatCount, formatCountry, formatInstant, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { notifyFailed } from '../../ui/notify.tsx';
import { Wide } from '../../ui/wide.tsx';
import classes from './funnels.module.css';
import { allPages, personLabel, personRow } from './people.ts';

/** Everybody in a number, page by page, and as a file. */
export function PeopleList({
  people,
  ask,
  unit,
  label,
  at,
  file,
  nobody,
}: {
  people: UseInfiniteQueryResult<{ pages: List<FunnelPerson>[] }>;
  /** One page of the same list for the file, as long as the server gives. */
  ask: (cursor: string | null) => Promise<List<FunnelPerson>>;
  /** What one line is, such as "visitor". */
  unit: string;
  label: string;
  /** Head of the column with the instant. */
  at: string;
  /** Name of the file. */
  file: string;
  nobody: { title: string; text: string };
}) {
  const site = useSite();
  const download = useMutation({
    mutationFn: () => allPages(ask),
    onSuccess: (items) => downloadCsv(file, items.map(personRow)),
    onError: notifyFailed,
  });
  if (people.isError && !people.data) return <ErrorState error={people.error} onRetry={() => void people.refetch()} />;
  if (!people.data) return <Lines />;
  const items = people.data.pages.flatMap((page) => page.items);
  const total = people.data.pages[0]?.total ?? 0;
  if (total === 0) return <EmptyState title={nobody.title}>{nobody.text}</EmptyState>;
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed">
          {items.length === total
            ? `All ${plural(total, unit)}.`
            : `${formatCount(items.length)} of ${plural(total, unit)}.`}
        </Text>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconDownload size={15} />}
          loading={download.isPending}
          onClick={() => download.mutate()}
        >
          Download CSV
        </Button>
      </Group>
      <Wide label={label}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th tt="capitalize">{unit}</Table.Th>
              <Table.Th>{at}</Table.Th>
              <Table.Th>Last page</Table.Th>
              <Table.Th>Source</Table.Th>
              <Table.Th>From</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((person) => (
              <Table.Tr key={person.id}>
                <Table.Td className={classes.nowrap}>{personLabel(person)}</Table.Td>
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

/** A list that is on its way. */
export function Lines() {
  return (
    <Stack gap="xs">
      {[100, 92, 96, 84, 90].map((width) => (
        <Skeleton key={width} height={28} width={`${width}%`} />
      ))}
    </Stack>
  );
}
