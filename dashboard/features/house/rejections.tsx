import { Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { rejectionsQuery } from '../../api/house-queries.ts';
import { formatRate } from '../../format.ts';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Wide } from '../../ui/wide.tsx';

/** What sales does not believe: how often each condition was called wrong, and why. */
export function Rejections() {
  const site = useSite();
  const { range } = useQuestion();
  const rejections = useQuery(rejectionsQuery(site.id, range));
  const items = rejections.data?.items ?? [];
  if (rejections.isError) return <ErrorState error={rejections.error} onRetry={() => void rejections.refetch()} />;
  return (
    <Panel title="What sales has rejected" hint="In the range of the other screens.">
      {items.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing was rejected. On the page of a lead sales can say that it is not what was promised, and why.
        </Text>
      ) : (
        <Wide label="Rejections by condition">
          <Table miw={560}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Condition</Table.Th>
                <Table.Th>Version</Table.Th>
                <Table.Th ta="right">Rejected</Table.Th>
                <Table.Th ta="right">Of those judged</Table.Th>
                <Table.Th>Why</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((one) => (
                <Table.Tr key={`${one.condition} ${one.version}`}>
                  <Table.Td>{one.name}</Table.Td>
                  <Table.Td>{one.version}</Table.Td>
                  <Table.Td ta="right">{one.rejected}</Table.Td>
                  <Table.Td ta="right">{one.judged === 0 ? '–' : formatRate(one.rejected / one.judged)}</Table.Td>
                  <Table.Td>{[...new Set(one.reasons.map(({ reason }) => reason))].join('; ')}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
    </Panel>
  );
}
