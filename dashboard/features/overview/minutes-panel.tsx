import { Anchor, Button, Skeleton, Stack, Table } from '@mantine/core';
import { IconChartBar, IconTable } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { realtimeQuery } from '../../api/queries.ts';
import { formatCount, formatMinute } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Wide } from '../../ui/wide.tsx';
import { minutesSummary } from './data.ts';
import classes from './overview.module.css';

/** The last half hour, a bar for each minute. Range and filters do not apply to it. */
export function MinutesPanel() {
  const site = useSite();
  const realtime = useQuery(realtimeQuery(site.id));
  const [asTable, setAsTable] = useState(false);
  const minutes = realtime.data?.minutes ?? [];
  const highest = Math.max(1, ...minutes.map((minute) => minute.pageviews));
  const first = minutes[0];
  return (
    <Panel
      title="Right now"
      hint="Page views of the last 30 minutes, a bar for each. Range and filters do not apply."
      aside={
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={asTable ? <IconChartBar size={15} /> : <IconTable size={15} />}
          aria-label={asTable ? 'Right now as a chart' : 'Right now as a table'}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? 'Chart' : 'Table'}
        </Button>
      }
    >
      {realtime.isError && !realtime.data ? (
        <ErrorState error={realtime.error} onRetry={() => void realtime.refetch()} />
      ) : !realtime.data ? (
        <Stack gap={8}>
          <Skeleton height={20} width="80%" />
          <Skeleton height={64} />
        </Stack>
      ) : (
        <>
          <p className={classes.summary}>{minutesSummary(minutes, site.timezone)}</p>
          {asTable ? (
            <Wide label="Page views by minute">
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Minute</Table.Th>
                    <Table.Th ta="right">Page views</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {minutes.map((minute) => (
                    <Table.Tr key={minute.at}>
                      <Table.Td>{formatMinute(minute.at, site.timezone)}</Table.Td>
                      <Table.Td ta="right">{formatCount(minute.pageviews)}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Wide>
          ) : (
            <div aria-hidden="true">
              <div className={classes.minutes}>
                {minutes.map((minute) => (
                  <span
                    key={minute.at}
                    className={classes.minute}
                    data-empty={minute.pageviews === 0 || undefined}
                    title={`${formatMinute(minute.at, site.timezone)}: ${formatCount(minute.pageviews)}`}
                    style={{ height: `${(minute.pageviews / highest) * 100}%` }}
                  />
                ))}
              </div>
              <div className={classes.minuteAxis}>
                <span>{first ? formatMinute(first.at, site.timezone) : ''}</span>
                <span>now</span>
              </div>
            </div>
          )}
          <Anchor
            size="sm"
            mt="sm"
            display="inline-block"
            renderRoot={(props) => <Link to="/sites/$site/install" params={{ site: site.id }} {...props} />}
          >
            See every event as it arrives
          </Anchor>
        </>
      )}
    </Panel>
  );
}
