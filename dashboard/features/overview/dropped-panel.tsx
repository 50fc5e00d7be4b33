import { ActionIcon, Skeleton, Stack, Table } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { DroppedCount } from '../../../collector/contract/overview.ts';
import { downloadCsv } from '../../csv.ts';
import { formatCount } from '../../format.ts';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { Panel } from '../../ui/panel.tsx';
import { Wide } from '../../ui/wide.tsx';
import { dateIn } from '../range/data.ts';
import { dropNames, droppedRows, droppedSummary } from './data.ts';
import classes from './overview.module.css';

/** What arrived in the range and was not counted, and why. Undefined while it is asked for. */
export function DroppedPanel({ dropped }: { dropped: DroppedCount[] | undefined }) {
  const site = useSite();
  const { range } = useQuestion();
  const year = dateIn(site.timezone, Date.now()).slice(0, 4);
  return (
    <Panel
      title="Not counted"
      hint="What was turned away when it arrived, such as bots. Filters do not apply, and imported history is not in it."
      aside={
        <ActionIcon
          size={26}
          aria-label="Not counted as CSV"
          disabled={!dropped || dropped.length === 0}
          onClick={() => dropped && downloadCsv(`${site.name} not counted ${range.from}`, droppedRows(dropped))}
        >
          <IconDownload size={15} stroke={1.6} />
        </ActionIcon>
      }
    >
      {!dropped ? (
        <Stack gap={8}>
          <Skeleton height={20} width="80%" />
          <Skeleton height={64} />
        </Stack>
      ) : (
        <>
          <p className={classes.summary}>{droppedSummary(dropped, { range, year })}</p>
          {dropped.length === 0 ? null : (
            <Wide label="Events not counted, by reason">
              <Table mt="xs">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Reason</Table.Th>
                    <Table.Th ta="right">Events</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {dropped.map(({ reason, count }) => (
                    <Table.Tr key={reason}>
                      <Table.Td>
                        {dropNames[reason].name}
                        <span className={classes.reasonHelp}>{dropNames[reason].help}</span>
                      </Table.Td>
                      <Table.Td ta="right">{formatCount(count)}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Wide>
          )}
        </>
      )}
    </Panel>
  );
}
