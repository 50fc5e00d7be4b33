import { Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FunnelQuestion, funnelWhyQuery } from '../../api/queries.ts';
import { formatCount } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Wide } from '../../ui/wide.tsx';
import { whyLines } from './explain.ts';
import classes from './funnels.module.css';
import { Lines } from './people-list.tsx';

/** What tells those who left from those who went on. */
export function Why({ question, step }: { question: FunnelQuestion; step: number }) {
  const site = useSite();
  const why = useQuery(funnelWhyQuery(site.id, { ...question, step }));
  if (why.isError && !why.data) return <ErrorState error={why.error} onRetry={() => void why.refetch()} />;
  if (!why.data) return <Lines />;
  const lines = whyLines(why.data);
  if (lines.length === 0)
    return (
      <EmptyState title="Nothing stands out">
        {formatCount(why.data.compared)} values were compared, such as device, source and country. Those who left and
        those who went on are alike, or too few to tell.
      </EmptyState>
    );
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        What is clearly more frequent among those who left, or those who went on, out of{' '}
        {formatCount(why.data.compared)} values compared. It goes together with leaving; that it causes it is not
        proven.
      </Text>
      <Wide label="What differs">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>What</Table.Th>
              <Table.Th>Of those who left</Table.Th>
              <Table.Th>Of those who went on</Table.Th>
              <Table.Th>Sure?</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map((line) => (
              <Table.Tr key={line.key}>
                <Table.Td>
                  <b>{line.what}</b>
                  <span className={classes.whyTimes} data-leaving={line.leaving || undefined}>
                    {line.times}
                  </span>
                </Table.Td>
                <Table.Td>{line.left}</Table.Td>
                <Table.Td>{line.wentOn}</Table.Td>
                <Table.Td>{line.sure}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Stack>
  );
}
