import { Button, Drawer, Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { countedLeadsQuery } from '../../api/week-queries.ts';
import { formatCount, formatInstant, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Wide } from '../../ui/wide.tsx';
import { Lines } from '../funnels/people-list.tsx';
import { LeadLink } from '../leads/lead-link.tsx';
import { StageMark } from '../leads/marks.tsx';
import { useOwners } from '../leads/use-owners.ts';

export interface Counted {
  /** Which report the number is of. */
  of: 'balance' | 'weekly' | 'roi';
  question: Record<string, string | undefined>;
  title: string;
}

/** The names behind a number: exactly as many. */
export function CountedDrawer({ counted, onClose }: { counted: Counted | null; onClose: () => void }) {
  return (
    <Drawer opened={counted !== null} onClose={onClose} size={680} title={counted?.title ?? ''}>
      {counted ? <Names counted={counted} /> : null}
    </Drawer>
  );
}

function Names({ counted }: { counted: Counted }) {
  const site = useSite();
  const owners = useOwners();
  const leads = useInfiniteQuery(countedLeadsQuery(site.id, counted.of, counted.question));
  if (leads.isError && !leads.data) return <ErrorState error={leads.error} onRetry={() => void leads.refetch()} />;
  if (!leads.data) return <Lines />;
  const items = leads.data.pages.flatMap((page) => page.items);
  const total = leads.data.pages[0]?.total ?? 0;
  if (total === 0) return <EmptyState title="Nobody" />;
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed" role="status">
        {items.length === total
          ? `All ${plural(total, 'lead')}.`
          : `${formatCount(items.length)} of ${plural(total, 'lead')}.`}
      </Text>
      <Wide label={counted.title}>
        <Table miw={520}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Who</Table.Th>
              <Table.Th>Now</Table.Th>
              <Table.Th>Owner</Table.Th>
              <Table.Th>Since</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((lead) => (
              <Table.Tr key={lead.id}>
                <Table.Td>
                  <LeadLink lead={lead} />
                </Table.Td>
                <Table.Td>
                  <StageMark stage={lead.stage} />
                </Table.Td>
                <Table.Td>{lead.owner === null ? 'Nobody' : owners.nameOf(lead.owner)}</Table.Td>
                <Table.Td>{formatInstant(lead.createdAt, site.timezone)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      {leads.hasNextPage ? (
        <Button variant="default" loading={leads.isFetchingNextPage} onClick={() => void leads.fetchNextPage()}>
          Show more
        </Button>
      ) : null}
    </Stack>
  );
}
