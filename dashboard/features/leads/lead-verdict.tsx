import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { LeadDetail } from '../../../collector/contract/lead-answers.ts';
import { houseQuery } from '../../api/house-queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { Panel } from '../../ui/panel.tsx';
import { useLeadChange } from './use-lead-change.ts';
import { leadName, qualifiedNames } from './words.ts';

/** What the lead definition says of a lead, in which version, and how sales says that it is not true. */
export function LeadVerdict({ lead }: { lead: LeadDetail }) {
  const site = useSite();
  const [opened, modal] = useDisclosure(false);
  const change = useLeadChange(modal.close);
  const rejected = lead.history.find(({ kind, undone }) => kind === 'rejected' && !undone);
  return (
    <Panel title="Qualification">
      <Stack gap="xs" align="flex-start">
        <Text fw={550}>{qualifiedNames[lead.qualified]}</Text>
        <Text size="sm" c="dimmed">
          {lead.definitionVersion
            ? `Judged by version ${lead.definitionVersion} of the `
            : 'There is no lead definition yet. Agree on one in the '}
          <Link to="/sites/$site/house" params={{ site: site.id }}>
            {lead.definitionVersion ? 'lead definition' : 'rules of the house'}
          </Link>
          .
        </Text>
        {rejected ? <Text size="sm">Rejected by sales: {(rejected.data as { reason: string }).reason}</Text> : null}
        {lead.qualified === 'marketing' || lead.qualified === 'sales' ? (
          <Button size="xs" variant="default" onClick={modal.open}>
            Sales rejects it
          </Button>
        ) : null}
      </Stack>
      <Modal opened={opened} onClose={modal.close} title={`Sales rejects ${leadName(lead)}`}>
        {opened ? (
          <RejectForm
            busy={change.isPending}
            onClose={modal.close}
            onReject={(reject) => change.mutate({ id: lead.id, body: { reject }, said: 'Rejected by sales.' })}
          />
        ) : null}
      </Modal>
    </Panel>
  );
}

function RejectForm({
  busy,
  onReject,
  onClose,
}: {
  busy: boolean;
  onReject: (reject: { reason: string; condition?: string }) => void;
  onClose: () => void;
}) {
  const site = useSite();
  const definition = useQuery(houseQuery(site.id)).data?.definition.rules;
  const [reason, setReason] = useState('');
  const [condition, setCondition] = useState<string | null>(null);
  const conditions = definition ? [...definition.lead, ...definition.marketing, ...definition.sales] : [];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onReject({ reason: reason.trim(), ...(condition ? { condition } : {}) });
      }}
    >
      <Stack gap="md">
        <Text size="sm">
          It is counted against the condition that was wrong, so that the definition gets better. The stage stays.
        </Text>
        <TextInput
          label="Why is it not what was promised?"
          placeholder="Only wanted a price for a friend"
          value={reason}
          maxLength={200}
          data-autofocus
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {conditions.length > 0 ? (
          <Select
            label="Which condition was wrong?"
            placeholder="None in particular"
            clearable
            clearButtonProps={{ 'aria-label': 'None in particular' }}
            data={conditions.map(({ id, name }) => ({ value: id, label: name }))}
            value={condition}
            onChange={setCondition}
          />
        ) : null}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={reason.trim() === ''}>
            Reject
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
