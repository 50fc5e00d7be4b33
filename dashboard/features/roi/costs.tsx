import { Button, FileButton, NumberInput, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CostImport, SourceCost, StoredCost } from '../../../collector/contract/roi.ts';
import { request } from '../../api/client.ts';
import { leadsKey } from '../../api/lead-queries.ts';
import { costsQuery } from '../../api/roi-queries.ts';
import { formatDay, formatMoney, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { notifyFailed, notifySaved, notifyUndo } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import { RemoveRow } from '../../ui/remove-row.tsx';
import { Wide } from '../../ui/wide.tsx';
import { addDays } from '../range/data.ts';
import { sourceName } from './data.ts';
import classes from './roi.module.css';

/** What sources have cost: written by hand or read from a table. */
export function Costs() {
  const site = useSite();
  const queryClient = useQueryClient();
  const items = useQuery(costsQuery(site.id)).data?.items ?? [];
  const refresh = () => queryClient.invalidateQueries({ queryKey: leadsKey(site.id) });
  const add = useMutation({
    mutationFn: (body: SourceCost) => request<StoredCost>('POST', `/sites/${site.id}/costs`, { body }),
    onSuccess: async () => {
      notifySaved('Cost kept.');
      await refresh();
    },
    onError: notifyFailed,
  });
  const remove = useMutation({
    mutationFn: (cost: StoredCost) => request('DELETE', `/sites/${site.id}/costs/${cost.id}`),
    onSuccess: async (_, { id: _id, createdAt: _at, ...cost }) => {
      notifyUndo(`Cost of ${sourceName(cost)} removed.`, () => add.mutate(cost));
      await refresh();
    },
    onError: notifyFailed,
  });
  const read = useMutation({
    mutationFn: async (file: File) =>
      request<CostImport>('POST', `/sites/${site.id}/costs/import`, { body: { csv: await file.text() } }),
    onSuccess: async ({ stored }) => {
      notifySaved(`${plural(stored, 'cost')} kept.`);
      await refresh();
    },
    onError: notifyFailed,
  });
  return (
    <Panel
      title="What sources cost"
      aside={
        <FileButton accept=".csv,text/csv" onChange={(file) => file && read.mutate(file)}>
          {(props) => (
            <Button
              {...props}
              size="compact-sm"
              variant="default"
              leftSection={<IconUpload size={15} />}
              loading={read.isPending}
            >
              Read a CSV file
            </Button>
          )}
        </FileButton>
      }
    >
      <Stack gap="md">
        <CostForm busy={add.isPending} onAdd={(cost) => add.mutate(cost)} />
        {items.length === 0 ? (
          <Text size="sm" c="dimmed">
            Nothing yet. A CSV file has the columns source, campaign, from, to, amount, currency.
          </Text>
        ) : (
          <CostTable items={items} onRemove={(cost) => remove.mutate(cost)} />
        )}
      </Stack>
    </Panel>
  );
}

function CostTable({ items, onRemove }: { items: StoredCost[]; onRemove: (cost: StoredCost) => void }) {
  return (
    <Wide label="Costs">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Source</Table.Th>
            <Table.Th>From</Table.Th>
            <Table.Th>Up to and with</Table.Th>
            <Table.Th ta="right">Amount</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((cost) => (
            <Table.Tr key={cost.id}>
              <Table.Td>{sourceName(cost)}</Table.Td>
              <Table.Td>{formatDay(cost.from)}</Table.Td>
              <Table.Td>{formatDay(addDays(cost.to, -1))}</Table.Td>
              <Table.Td ta="right">{formatMoney(cost.amount, cost.currency)}</Table.Td>
              <Table.Td ta="right">
                <RemoveRow
                  label={`Remove the cost of ${sourceName(cost)} from ${cost.from}`}
                  onClick={() => onRemove(cost)}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function CostForm({ busy, onAdd }: { busy: boolean; onAdd: (cost: SourceCost) => void }) {
  const site = useSite();
  const [source, setSource] = useState('');
  const [campaign, setCampaign] = useState('');
  const [from, setFrom] = useState('');
  const [last, setLast] = useState('');
  const [amount, setAmount] = useState<number | string>('');
  const isWhole = source.trim() !== '' && from !== '' && last >= from && typeof amount === 'number';
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        onAdd({
          source: source.trim(),
          campaign: campaign.trim(),
          from,
          to: addDays(last, 1),
          amount: Number(amount),
          currency: site.settings.currency,
          note: '',
        });
        setAmount('');
      }}
    >
      <TextInput
        label="Source"
        placeholder="google"
        value={source}
        onChange={(event) => setSource(event.currentTarget.value)}
      />
      <TextInput
        label="Campaign"
        placeholder="All of it"
        value={campaign}
        onChange={(event) => setCampaign(event.currentTarget.value)}
      />
      <TextInput type="date" label="From" value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
      <TextInput
        type="date"
        label="Up to and with"
        value={last}
        onChange={(event) => setLast(event.currentTarget.value)}
      />
      <NumberInput
        label="Amount"
        prefix={`${site.settings.currency} `}
        min={0}
        thousandSeparator=","
        value={amount}
        onChange={setAmount}
      />
      <Button type="submit" variant="default" loading={busy} disabled={!isWhole}>
        Add cost
      </Button>
    </form>
  );
}
