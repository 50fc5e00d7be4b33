import { Button, Group, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { List } from '../../../collector/contract/answers.ts';
import type { Lead } from '../../../collector/contract/lead-answers.ts';
import { formatCount, plural } from '../../format.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Lines } from '../funnels/people-list.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { LeadTable } from './lead-table.tsx';

/** Every lead of a question, page by page, and as a file. `bulk`: several can be changed at once. */
export function LeadList({
  leads,
  csv,
  label,
  empty,
  bulk = false,
}: {
  leads: UseInfiniteQueryResult<InfiniteData<List<Lead>>>;
  /** Where the whole list is to be had as a file. */
  csv?: string;
  label: string;
  /** What stands there where nobody is in it. */
  empty: ReactNode;
  bulk?: boolean;
}) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  if (leads.isError && !leads.data) return <ErrorState error={leads.error} onRetry={() => void leads.refetch()} />;
  if (!leads.data) {
    return (
      <Panel>
        <Lines />
      </Panel>
    );
  }
  const items = leads.data.pages.flatMap((page) => page.items);
  const total = leads.data.pages[0]?.total ?? 0;
  if (total === 0) return <Panel>{empty}</Panel>;
  const chosen = items.filter(({ id }) => ids.has(id));
  const toggle = (id: string) => {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    setIds(next);
  };
  const toggleAll = () => setIds(chosen.length === items.length ? new Set() : new Set(items.map(({ id }) => id)));
  return (
    <Stack gap="sm">
      {chosen.length > 0 ? <BulkBar leads={chosen} onDone={() => setIds(new Set())} /> : null}
      <Panel flush>
        <LeadTable leads={items} label={label} {...(bulk ? { chosen: { ids, toggle, toggleAll } } : {})} />
      </Panel>
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" role="status">
          {items.length === total ? plural(total, 'lead') : `${formatCount(items.length)} of ${plural(total, 'lead')}`}
        </Text>
        <Group gap="sm">
          {csv ? (
            <Button
              component="a"
              href={csv}
              download
              variant="default"
              leftSection={<IconDownload size={16} stroke={1.6} />}
            >
              Download CSV
            </Button>
          ) : null}
          {leads.hasNextPage ? (
            <Button variant="default" loading={leads.isFetchingNextPage} onClick={() => void leads.fetchNextPage()}>
              Show more
            </Button>
          ) : null}
        </Group>
      </Group>
    </Stack>
  );
}
