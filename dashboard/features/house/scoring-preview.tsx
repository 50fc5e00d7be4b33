import { Progress, Skeleton, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Temperature } from '../../../collector/contract/leads.ts';
import type { Scoring } from '../../../collector/contract/scoring.ts';
import { scoringPreviewQuery } from '../../api/house-queries.ts';
import { formatCount, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Wide } from '../../ui/wide.tsx';
import { temperatureNames } from '../leads/words.ts';
import { wholePreview } from './data.ts';

const shown = 20;
const order: Temperature[] = ['cold', 'warm', 'hot'];

/** Who would be hotter or colder with what is written above. Nothing is saved. */
export function ScoringPreviewPanel({ scoring }: { scoring: Scoring }) {
  const site = useSite();
  const preview = useInfiniteQuery(scoringPreviewQuery(site.id, scoring));
  const { hasNextPage, isFetching, isError, fetchNextPage } = preview;
  // Each part is a question of its own: thousands of leads at once would keep others waiting.
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  const data = wholePreview(preview.data?.pages ?? []);
  return (
    <Panel title="Who would move" hint="Looks at all leads. Nothing is saved.">
      {preview.isError ? (
        <ErrorState error={preview.error} onRetry={() => void preview.refetch()} />
      ) : !data ? (
        <Skeleton height={110} />
      ) : data.next !== null ? (
        <>
          <Text size="sm" role="status">
            {formatCount(data.looked)} of {plural(data.total, 'lead')} looked at…
          </Text>
          <Progress mt="xs" value={(data.looked / data.total) * 100} aria-label="Leads that were looked at" />
        </>
      ) : (
        <>
          <Text size="sm" role="status">
            {data.moving === 0
              ? `Nobody of ${plural(data.looked, 'lead')} would change their temperature.`
              : `${plural(data.moving, 'lead')} of ${formatCount(data.looked)} would change their temperature.`}{' '}
            {order
              .map(
                (name) =>
                  `${temperatureNames[name]} ${formatCount(data.before[name])} → ${formatCount(data.after[name])}`,
              )
              .join(', ')}
            .{data.moving > shown ? ` The ${shown} whose score changes most:` : ''}
          </Text>
          {data.moves.length > 0 ? (
            <Wide label="Leads that would move">
              <Table mt="sm">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Who</Table.Th>
                    <Table.Th>Now</Table.Th>
                    <Table.Th>Then</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {data.moves.slice(0, shown).map((move) => (
                    <Table.Tr key={move.leadId}>
                      <Table.Td>
                        <Link to="/sites/$site/leads/$lead" params={{ site: site.id, lead: move.leadId }}>
                          {move.name ?? move.email ?? 'Somebody'}
                        </Link>
                      </Table.Td>
                      <Table.Td>
                        {move.before.score}, {temperatureNames[move.before.temperature].toLowerCase()}
                      </Table.Td>
                      <Table.Td>
                        {move.after.score}, {temperatureNames[move.after.temperature].toLowerCase()}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Wide>
          ) : null}
        </>
      )}
    </Panel>
  );
}
