import { ActionIcon, Box, Button, Group, Skeleton, Stack, Table } from '@mantine/core';
import { IconDownload, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { StoredGoal } from '../../../collector/contract/manage.ts';
import { request } from '../../api/client.ts';
import { goalReportQuery } from '../../api/queries.ts';
import { downloadCsv } from '../../csv.ts';
import { formatCount, formatMoney, formatRate } from '../../format.ts';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { notifyFailed, notifyUndo } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Wide } from '../../ui/wide.tsx';
import { matchName } from '../funnels/data.ts';
import { changeOf, type GoalLine, goalLines, goalRows, goalsSummary } from './data.ts';
import { GoalEditor } from './goal-editor.tsx';
import classes from './goals.module.css';

/** The goals of the site with what they brought. */
export function Goals() {
  const site = useSite();
  const { range, compare, filters } = useQuestion();
  const queryClient = useQueryClient();
  const [editing, setEditing] = useState<StoredGoal | 'new' | null>(null);
  const report = useQuery(
    goalReportQuery(site.id, {
      ...range,
      ...(filters.length > 0 ? { filters } : {}),
      ...(compare === 'none' ? {} : { compare }),
    }),
  );
  const refresh = () => queryClient.invalidateQueries({ queryKey: ['goal-report', site.id] });
  const restore = useMutation({
    mutationFn: ({ id: _, createdAt: __, ...goal }: StoredGoal) =>
      request('POST', `/sites/${site.id}/goals`, { body: goal }),
    onSuccess: refresh,
    onError: notifyFailed,
  });
  const remove = useMutation({
    mutationFn: (goal: StoredGoal) => request('DELETE', `/sites/${site.id}/goals/${goal.id}`),
    onSuccess: async (_, goal) => {
      notifyUndo(`“${goal.name}” deleted.`, () => restore.mutate(goal));
      await refresh();
    },
    onError: notifyFailed,
  });
  const lines = report.data ? goalLines(report.data) : [];
  return (
    <Panel
      flush
      title="Goals"
      hint="A goal is a page or an event that you are waiting for. Its rate is of all visitors of the range."
      aside={
        <Group gap="xs">
          {lines.length > 0 ? (
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconDownload size={15} />}
              aria-label="CSV of the goals"
              onClick={() => downloadCsv(`${site.name} goals ${range.from}`, goalRows(lines))}
            >
              CSV
            </Button>
          ) : null}
          <Button size="compact-sm" leftSection={<IconPlus size={15} />} onClick={() => setEditing('new')}>
            Add goal
          </Button>
        </Group>
      }
    >
      {report.isError && !report.data ? (
        <Box px="lg" pb="lg">
          <ErrorState error={report.error} onRetry={() => void report.refetch()} />
        </Box>
      ) : !report.data ? (
        <Stack p="lg" gap="sm">
          <Skeleton height={20} width="50%" />
          <Skeleton height={40} />
          <Skeleton height={40} />
        </Stack>
      ) : lines.length === 0 ? (
        <EmptyState title="No goals yet" action={<Button onClick={() => setEditing('new')}>Add the first goal</Button>}>
          For example the page after an order, or the event booking_done. Leaks are then looked for on the way there.
        </EmptyState>
      ) : (
        <>
          <p className={classes.summary}>{goalsSummary(report.data)}</p>
          <Wide label="Goals as a table">
            <Table horizontalSpacing="lg" verticalSpacing="sm">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Goal</Table.Th>
                  <Table.Th ta="right">Conversions</Table.Th>
                  <Table.Th ta="right">Visitors</Table.Th>
                  <Table.Th ta="right">Rate</Table.Th>
                  <Table.Th ta="right">Value</Table.Th>
                  <Table.Th className={classes.actions}>Change</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {lines.map((line) => (
                  <Line
                    key={line.goal.id}
                    line={line}
                    onEdit={() => setEditing(line.goal)}
                    onDelete={() => remove.mutate(line.goal)}
                  />
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </>
      )}
      <GoalEditor goal={editing} onClose={() => setEditing(null)} />
    </Panel>
  );
}

function Line({ line, onEdit, onDelete }: { line: GoalLine; onEdit: () => void; onDelete: () => void }) {
  const site = useSite();
  const { goal, result, before } = line;
  return (
    <Table.Tr>
      <Table.Td className={classes.name}>
        <b>{goal.name}</b>
        <span className={classes.what}>{matchName(goal.match)}</span>
      </Table.Td>
      <Table.Td ta="right">
        {formatCount(result.conversions)}
        <Change now={result.conversions} before={before?.conversions} />
      </Table.Td>
      <Table.Td ta="right">
        {formatCount(result.units)}
        <Change now={result.units} before={before?.units} />
      </Table.Td>
      <Table.Td ta="right">
        {formatRate(result.rate)}
        {before ? <span className={classes.change}>before {formatRate(before.rate)}</span> : null}
      </Table.Td>
      <Table.Td ta="right">
        {formatMoney(result.value, site.settings.currency) ?? '–'}
        <Change now={result.value ?? 0} before={before?.value ?? undefined} />
      </Table.Td>
      <Table.Td className={classes.actions}>
        <Group gap={4} wrap="nowrap" justify="flex-end">
          <ActionIcon aria-label={`Edit ${goal.name}`} onClick={onEdit}>
            <IconPencil size={17} stroke={1.6} />
          </ActionIcon>
          <ActionIcon aria-label={`Delete ${goal.name}`} onClick={onDelete}>
            <IconTrash size={17} stroke={1.6} />
          </ActionIcon>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function Change({ now, before }: { now: number; before: number | undefined }) {
  const against = changeOf(now, before);
  return against ? (
    <span className={classes.change} data-good={against.good}>
      {against.text}
    </span>
  ) : null;
}
