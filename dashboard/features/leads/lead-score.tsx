import { Skeleton, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { leadScoreQuery } from '../../api/lead-queries.ts';
import { formatRelative } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import classes from './lead-page.module.css';
import { temperatureNames } from './words.ts';

/** Why a lead has its score: one line for each rule, and they add up. */
export function LeadScorePanel({ id }: { id: string }) {
  const site = useSite();
  const score = useQuery(leadScoreQuery(site.id, id));
  const { data } = score;
  return (
    <Panel
      title="Score"
      hint="The lines add up to the score. Points fade with time where a rule says so, and a group gives at most its cap."
      aside={
        data ? (
          <Text size="sm" component="span">
            <b>{data.score}</b> · {temperatureNames[data.temperature]}
          </Text>
        ) : null
      }
    >
      {score.isError && !data ? (
        <ErrorState error={score.error} onRetry={() => void score.refetch()} />
      ) : !data ? (
        <Skeleton height={90} />
      ) : (
        <>
          {data.hotBecause ? <Text size="sm">Hot because {data.hotBecause}.</Text> : null}
          {data.lines.length === 0 ? (
            <Text size="sm" c="dimmed">
              No rule has given any points yet.
            </Text>
          ) : (
            <Table className={classes.lines}>
              <Table.Tbody>
                {data.lines.map((one) => (
                  <Table.Tr key={one.ruleId ?? one.name}>
                    <Table.Td>
                      {one.name}
                      <Text size="xs" c="dimmed">
                        {lineDetails(one.hits, one.lastAt)}
                      </Text>
                    </Table.Td>
                    <Table.Td ta="right">{signed(one.points)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
              <Table.Tfoot>
                <Table.Tr>
                  <Table.Th>Together</Table.Th>
                  <Table.Th ta="right">{data.lines.reduce((sum, { points }) => sum + points, 0)}</Table.Th>
                </Table.Tr>
              </Table.Tfoot>
            </Table>
          )}
          <Text size="xs" c="dimmed" mt="xs">
            Warm from {data.warm}, hot from {data.hot} points. Rules of version {data.version}.
          </Text>
        </>
      )}
    </Panel>
  );
}

const signed = (points: number): string => (points < 0 ? `−${-points}` : `+${points}`);

function lineDetails(hits: number, lastAt: string | null): string {
  return [hits > 1 ? `${hits} times` : '', lastAt === null ? '' : `last ${formatRelative(lastAt, Date.now())}`]
    .filter((text) => text !== '')
    .join(', ');
}
