import { Skeleton, Table, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { FunnelAnswer } from '../../../collector/contract/funnel.ts';
import type { Interval } from '../../../collector/contract/names.ts';
import { formatCount, formatRate, formatTick } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { Wide } from '../../ui/wide.tsx';
import { trendPoints, trendSentence } from './explain.ts';

const TrendChart = lazy(() => import('../../charts/trend-chart.tsx'));

/** How the rate of the whole funnel went, drawn and as a table. */
export function Trend({ trend, interval }: { trend: NonNullable<FunnelAnswer['trend']>; interval: Interval }) {
  const site = useSite();
  const points = trendPoints(trend, { interval, timezone: site.timezone });
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        Share of those who entered that went the whole way. {trendSentence(points)}
      </Text>
      <Suspense fallback={<Skeleton height={260} />}>
        <TrendChart
          points={points}
          name="Went the whole way"
          tick={(at) => formatTick(at, interval, site.timezone)}
          format={formatRate}
        />
      </Suspense>
      <Wide label="The rate over time as a table">
        <Table mt="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>When</Table.Th>
              <Table.Th ta="right">Entered</Table.Th>
              <Table.Th ta="right">Whole way</Table.Th>
              <Table.Th ta="right">Rate</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {points.map((point, index) => (
              <Table.Tr key={point.at}>
                <Table.Td>{point.label}</Table.Td>
                <Table.Td ta="right">{formatCount(trend[index]?.steps[0]?.count ?? 0)}</Table.Td>
                <Table.Td ta="right">{formatCount(trend[index]?.steps.at(-1)?.count ?? 0)}</Table.Td>
                <Table.Td ta="right">{point.value === null ? '–' : formatRate(point.value)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </>
  );
}
