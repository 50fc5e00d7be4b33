import { Button, Group, Modal, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { LeadDetail, LeadName } from '../../../collector/contract/lead-answers.ts';
import { fewLeadsQuery } from '../../api/lead-queries.ts';
import { useSite } from '../../shell/use-site.ts';
import classes from './lead-page.module.css';
import { leadName } from './words.ts';

/** Finds the other lead that is the same person. */
export function MergeModal({
  lead,
  opened,
  busy,
  onMerge,
  onClose,
}: {
  lead: LeadDetail;
  opened: boolean;
  busy: boolean;
  onMerge: (other: LeadName) => void;
  onClose: () => void;
}) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Merge into ${leadName(lead)}`}>
      {opened ? <MergeForm lead={lead} busy={busy} onMerge={onMerge} onClose={onClose} /> : null}
    </Modal>
  );
}

function MergeForm({
  lead,
  busy,
  onMerge,
  onClose,
}: {
  lead: LeadDetail;
  busy: boolean;
  onMerge: (other: LeadName) => void;
  onClose: () => void;
}) {
  const site = useSite();
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 300);
  const [other, setOther] = useState<LeadName | null>(lead.claims[0]?.lead ?? null);
  const found = useQuery({ ...fewLeadsQuery(site.id, { search }, 6), enabled: search !== '' });
  const choices: LeadName[] =
    search === ''
      ? lead.claims.map((claim) => claim.lead)
      : (found.data?.items ?? []).filter(({ id }) => id !== lead.id);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (other) onMerge(other);
      }}
    >
      <Stack gap="md">
        <Text size="sm">
          Both become one person: one timeline, one score, one owner. You can take it back at any time.
        </Text>
        <TextInput
          type="search"
          label="Which lead is the same person?"
          placeholder="Name, e-mail, phone"
          value={text}
          data-autofocus
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Stack gap={4} role="group" aria-label="Leads found">
          {choices.map((one) => (
            <UnstyledButton
              key={one.id}
              className={classes.choice}
              aria-pressed={other?.id === one.id}
              onClick={() => setOther(one)}
            >
              <b>{leadName(one)}</b>
              <small>{[one.email, one.phone].filter(Boolean).join(' · ')}</small>
            </UnstyledButton>
          ))}
          {search !== '' && found.data && choices.length === 0 ? (
            <Text size="sm" c="dimmed">
              Nobody else is found.
            </Text>
          ) : null}
        </Stack>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={other === null}>
            {other ? `Merge ${leadName(other)} into this` : 'Merge'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
