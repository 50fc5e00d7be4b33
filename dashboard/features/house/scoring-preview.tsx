import { Skeleton, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Temperature } from '../../../collector/contract/leads.ts';
import type { Scoring } from '../../../collector/contract/scoring.ts';
import { scoringPreviewQuery } from '../../api/house-queries.ts';
import { formatCount, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Wide } from '../../ui/wide.tsx';
import { temperatureNames } from '../leads/words.ts';

const shown = 20;
const order: Temperature[] = ['cold', 'warm', 'hot'];

/** Who would be hotter or colder with what is written above. Nothing is saved. */
export function ScoringPreviewPanel({ scoring }: { scoring: Scoring }) {
  const site = useSite();
  const preview = useQuery(scoringPreviewQuery(site.id, scoring));
  const { data } = preview;
  return (
    <Panel title="Who would move" hint="Looks at the leads that were heard of last. Nothing is saved.">
      {preview.isError ? (
        <ErrorState error={preview.error} onRetry={() => void preview.refetch()} />
      ) : !data ? (
        <Skeleton height={110} />
      ) : (
        <>
          <Text size="sm" role="status">
            {data.moving === 0
              ? `Nobody of ${plural(data.looked, 'lead')} would change their temperature.`
              : `${plural(data.moving, 'lead')} of ${formatCount(data.looked)} would change their temperature.`}{' '}
            {order.map((name) => `${temperatureNames[name]} ${data.before[name]} → ${data.after[name]}`).join(', ')}.
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
