import { Button, Drawer, Skeleton, Stack, Table, Text, UnstyledButton } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { limits } from '../../../collector/contract/limits.ts';
import { breakdownQuery, seenPropsQuery } from '../../api/queries.ts';
import { downloadCsv } from '../../csv.ts';
import { formatCount, plural } from '../../format.ts';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Wide } from '../../ui/wide.tsx';
import { valueName } from '../filters/data.ts';
import classes from './goals.module.css';

/** The properties of one event, and how often each value of one of them occurred. */
export function EventDrawer({ event, onClose }: { event: string | undefined; onClose: () => void }) {
  return (
    <Drawer opened={event !== undefined} onClose={onClose} size={560} title={event ?? 'Event'}>
      {event === undefined ? null : <Properties key={event} event={event} />}
    </Drawer>
  );
}

function Properties({ event }: { event: string }) {
  const site = useSite();
  const props = useQuery(seenPropsQuery(site.id, event));
  const [chosen, setChosen] = useState<string>();
  const key = chosen ?? props.data?.items[0]?.key;
  if (props.isError) return <ErrorState error={props.error} onRetry={() => void props.refetch()} />;
  if (!props.data)
    return (
      <Stack gap="sm">
        <Skeleton height={28} width="70%" />
        <Skeleton height={160} />
      </Stack>
    );
  if (key === undefined)
    return (
      <EmptyState title="No properties">
        In the last 30 days {event} came without properties. Send some with it to see here what they were.
      </EmptyState>
    );
  return (
    <Stack gap="lg">
      <fieldset className={classes.keys} aria-label="Property">
        {props.data.items.map((item) => (
          <UnstyledButton
            key={item.key}
            className={classes.key}
            aria-pressed={item.key === key}
            onClick={() => setChosen(item.key)}
          >
            {item.key}
          </UnstyledButton>
        ))}
      </fieldset>
      <Values key={key} event={event} name={key} />
    </Stack>
  );
}

function Values({ event, name }: { event: string; name: string }) {
  const site = useSite();
  const { range, filters } = useQuestion();
  const answer = useQuery(
    breakdownQuery(site.id, {
      ...range,
      dimension: `prop:${name}`,
      metric: 'events',
      limit: limits.breakdownRows,
      filters: [...filters, { dimension: 'event', op: 'is', value: [event] }],
    }),
  );
  if (answer.isError) return <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />;
  if (!answer.data) return <Skeleton height={160} />;
  const { items, total } = answer.data;
  if (items.length === 0)
    return <EmptyState title="Nothing in this range">Choose a longer range to see values of {name}.</EmptyState>;
  return (
    <div>
      <Text size="sm" c="dimmed" mb="xs">
        {plural(total, 'value')} of {name}, most frequent first
        {total > items.length ? `: the first ${items.length}` : ''}.
      </Text>
      <Wide label={`Values of ${name}`}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{name}</Table.Th>
              <Table.Th ta="right">Times</Table.Th>
              <Table.Th ta="right">Visitors</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((item) => (
              <Table.Tr key={item.key}>
                <Table.Td>{valueName(`prop:${name}`, item.key)}</Table.Td>
                <Table.Td ta="right">{formatCount(item.events)}</Table.Td>
                <Table.Td ta="right">{formatCount(item.visitors)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      <Button
        mt="sm"
        variant="subtle"
        size="compact-sm"
        leftSection={<IconDownload size={15} />}
        aria-label={`CSV of the values of ${name}`}
        onClick={() =>
          downloadCsv(
            `${event} ${name} ${range.from}`,
            items.map((item) => ({ [name]: item.key, Times: item.events, Visitors: item.visitors })),
          )
        }
      >
        CSV
      </Button>
    </div>
  );
}
