import { Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { HoldoutGroup } from '../../../collector/contract/rule.ts';
import { holdoutQuery } from '../../api/queries.ts';
import { formatCount, formatMoney, formatRate, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Wide } from '../../ui/wide.tsx';
import classes from './leaks.module.css';
import { differenceWords } from './rule-draft.ts';

/** Do the messages of a rule bring people back? */
export function RuleHoldout({ id }: { id: string }) {
  const site = useSite();
  const report = useQuery(holdoutQuery(site.id, id));
  if (report.isError) return <ErrorState error={report.error} onRetry={() => void report.refetch()} />;
  if (!report.data) return <Skeleton height={180} />;
  const { written, heldOut, difference, money, undecided, needed, sentence, verdict } = report.data;
  const missing = Math.max(needed.written, needed.heldOut);
  return (
    <Stack gap="md">
      <Title order={3}>Do its messages bring people back?</Title>
      <Text className={verdict === 'not-enough' ? classes.doubt : undefined}>{sentence}</Text>
      <Wide label="With and without messages">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Group</Table.Th>
              <Table.Th ta="right">People</Table.Th>
              <Table.Th ta="right">Came back</Table.Th>
              <Table.Th ta="right">Rate</Table.Th>
              <Table.Th ta="right">Money</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Row name="With messages" group={written} currency={money.currency} />
            <Row name="Held out" group={heldOut} currency={money.currency} />
          </Table.Tbody>
        </Table>
      </Wide>
      {difference ? (
        <Text size="sm">
          Difference: <b>{differenceWords(difference)}</b>.
          {money.becauseOfMessages === null
            ? ''
            : ` About ${formatMoney(Math.round(money.becauseOfMessages), money.currency)} came because of the messages. This is an estimate.`}
        </Text>
      ) : verdict === 'not-enough' && missing > 0 ? (
        <Text size="sm" c="dimmed">
          Not enough cases yet: {plural(needed.written, 'more person', 'more people')} with messages and{' '}
          {formatCount(needed.heldOut)} held out are needed before this says anything.
        </Text>
      ) : null}
      {undecided > 0 ? (
        <Text size="xs" c="dimmed">
          {plural(undecided, 'case')} can still come back and will be counted later.
        </Text>
      ) : null}
    </Stack>
  );
}

function Row({ name, group, currency }: { name: string; group: HoldoutGroup; currency: string }) {
  return (
    <Table.Tr>
      <Table.Td>{name}</Table.Td>
      <Table.Td ta="right">{formatCount(group.cases)}</Table.Td>
      <Table.Td ta="right">{formatCount(group.recovered)}</Table.Td>
      <Table.Td ta="right">{group.rate === null ? '–' : formatRate(group.rate)}</Table.Td>
      <Table.Td ta="right">{formatMoney(Math.round(group.value), currency)}</Table.Td>
    </Table.Tr>
  );
}
