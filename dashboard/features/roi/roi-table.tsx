import { Table, Text, UnstyledButton } from '@mantine/core';
import type { RoiAnswer, RoiRow } from '../../../collector/contract/roi.ts';
import { formatCount, formatMoney, formatRate } from '../../format.ts';
import { Wide } from '../../ui/wide.tsx';
import { type RoiNumber, roiNumberNames, roiNumbers, roiSentence, sourceName } from './data.ts';
import classes from './roi.module.css';

/** One line for each source or campaign; its numbers of leads open as names. */
export function RoiTable({ roi, onOpen }: { roi: RoiAnswer; onOpen: (row: RoiRow, of: RoiNumber) => void }) {
  const money = (value: number | null) => (value === null ? '–' : formatMoney(Math.round(value), roi.currency));
  const costs = (row: RoiAnswer['total']) => (
    <>
      <Table.Td ta="right">{row.cost === 0 ? '–' : money(row.costPerLead)}</Table.Td>
      <Table.Td ta="right">{row.cost === 0 ? '–' : money(row.costPerQualified)}</Table.Td>
      <Table.Td ta="right">{row.cost === 0 ? '–' : money(row.costPerWon)}</Table.Td>
      <Table.Td ta="right">{money(row.revenue)}</Table.Td>
      <Table.Td ta="right">{row.roi === null ? '–' : formatRate(row.roi)}</Table.Td>
    </>
  );
  return (
    <>
      <Text size="sm">{roiSentence(roi)}</Text>
      <Text size="sm" c="dimmed">
        {roi.attribution}
      </Text>
      {roi.notCounted.map((text) => (
        <Text key={text} size="sm" className={classes.doubt}>
          {text}
        </Text>
      ))}
      <Wide label="Sources">
        <Table mt="md" verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Source</Table.Th>
              <Table.Th ta="right">Cost</Table.Th>
              {roiNumbers.map((name) => (
                <Table.Th key={name} ta="right">
                  {roiNumberNames[name]}
                </Table.Th>
              ))}
              <Table.Th ta="right">Per lead</Table.Th>
              <Table.Th ta="right">Per qualified</Table.Th>
              <Table.Th ta="right">Per won</Table.Th>
              <Table.Th ta="right">Revenue</Table.Th>
              <Table.Th ta="right">ROI</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {roi.rows.map((row) => (
              <Table.Tr key={`${row.source} ${row.campaign}`}>
                <Table.Td>{sourceName(row)}</Table.Td>
                <Table.Td ta="right">{row.cost === 0 ? '–' : money(row.cost)}</Table.Td>
                {roiNumbers.map((name) => (
                  <Table.Td key={name} ta="right">
                    <UnstyledButton
                      className={classes.number}
                      aria-label={`${sourceName(row)}: ${formatCount(row[name])} ${roiNumberNames[name].toLowerCase()}`}
                      onClick={() => onOpen(row, name)}
                    >
                      {formatCount(row[name])}
                    </UnstyledButton>
                  </Table.Td>
                ))}
                {costs(row)}
              </Table.Tr>
            ))}
          </Table.Tbody>
          <Table.Tfoot>
            <Table.Tr className={classes.total}>
              <Table.Td>Together</Table.Td>
              <Table.Td ta="right">{money(roi.total.cost)}</Table.Td>
              {roiNumbers.map((name) => (
                <Table.Td key={name} ta="right">
                  {formatCount(roi.total[name])}
                </Table.Td>
              ))}
              {costs(roi.total)}
            </Table.Tr>
          </Table.Tfoot>
        </Table>
      </Wide>
    </>
  );
}
