import { ActionIcon, Alert, Button, Group, Input, Modal, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { limits } from '../../../collector/contract/limits.ts';
import type { RuleKind } from '../../../collector/contract/names.ts';
import type { Rule, StoredRule } from '../../../collector/contract/rule.ts';
import { request } from '../../api/client.ts';
import { endpointsQuery, rulesQuery, seenQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { DurationInput } from '../../ui/duration-input.tsx';
import { MatchEditor } from '../../ui/match-editor.tsx';
import { errorText, notifySaved } from '../../ui/notify.tsx';
import { askableRule, type EditedRule, ruleKindNames, ruleProblems } from './data.ts';
import classes from './leaks.module.css';

const audiences: { value: Rule['audience']; label: string }[] = [
  { value: 'anyone', label: 'Anyone' },
  { value: 'identified', label: 'Only people who are known (e-mail, phone or id)' },
  { value: 'consented', label: 'Only with consent' },
];

export function RuleEditor({ rule, id, onClose }: { rule: EditedRule | null; id: string | null; onClose: () => void }) {
  return (
    <Modal opened={rule !== null} onClose={onClose} size={640} title={id === null ? 'New rule' : 'Edit rule'}>
      {rule ? <Form rule={rule} id={id} onClose={onClose} /> : null}
    </Modal>
  );
}

function Form({ rule, id, onClose }: { rule: EditedRule; id: string | null; onClose: () => void }) {
  const site = useSite();
  const queryClient = useQueryClient();
  const seen = useQuery(seenQuery(site.id));
  const endpoints = useQuery(endpointsQuery(site.id));
  const [draft, setDraft] = useState<EditedRule>(() => ({
    name: rule.name,
    kind: rule.kind,
    intent: rule.intent,
    ...(rule.key === undefined ? {} : { key: rule.key }),
    complete: rule.complete,
    wait: rule.wait,
    audience: rule.audience,
    cooldown: rule.cooldown,
    followUps: rule.followUps,
    enabled: id === null ? true : rule.enabled,
  }));
  const [tried, setTried] = useState(false);
  const set = (change: Partial<EditedRule>) => setDraft((old) => ({ ...old, ...change }));
  const setKey = (text: string) =>
    setDraft(({ key: _, ...old }) => (text.trim() === '' ? old : { ...old, key: `prop:${text.trim()}` }));
  const problems = ruleProblems(draft);
  const shown = tried ? problems : {};
  const save = useMutation({
    mutationFn: () => {
      const written = askableRule(draft);
      return id === null
        ? request<StoredRule>('POST', `/sites/${site.id}/rules`, { body: written })
        : request<StoredRule>('PATCH', `/sites/${site.id}/rules/${id}`, {
            body: { ...written, key: written.key ?? null },
          });
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: rulesQuery(site.id).queryKey });
      notifySaved('Rule saved.');
      onClose();
    },
  });
  const endpointOptions = (endpoints.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (Object.keys(problems).length === 0) save.mutate();
      }}
    >
      <Stack gap="lg">
        {save.isError ? (
          <Alert color="copper" role="alert">
            {errorText(save.error)}
          </Alert>
        ) : null}
        <Group grow align="flex-start" gap="sm">
          <TextInput
            label="Name"
            placeholder="Booking abandoned"
            maxLength={limits.nameLength}
            value={draft.name}
            error={shown.name}
            data-autofocus
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <Select
            label="Kind"
            data={Object.entries(ruleKindNames).map(([value, label]) => ({ value, label }))}
            value={draft.kind}
            allowDeselect={false}
            onChange={(next) => next && set({ kind: next as RuleKind })}
          />
        </Group>
        <Input.Wrapper label="When somebody" labelElement="div" error={shown.intent}>
          <MatchEditor label="Intent" value={draft.intent} seen={seen.data} onChange={(intent) => set({ intent })} />
        </Input.Wrapper>
        <Input.Wrapper
          label="and does not"
          description="Any one of these counts as finished."
          labelElement="div"
          error={shown.complete}
        >
          <Stack gap="xs" mt={6}>
            {draft.complete.map((match, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a completion has no identity but its place; its fields are controlled.
              <div key={index} className={classes.editorRow}>
                <div className={classes.editorGrow}>
                  <MatchEditor
                    label={`Completion ${index + 1}`}
                    value={match}
                    seen={seen.data}
                    onChange={(next) =>
                      set({ complete: draft.complete.map((one, other) => (other === index ? next : one)) })
                    }
                  />
                </div>
                {draft.complete.length > 1 ? (
                  <ActionIcon
                    aria-label={`Remove completion ${index + 1}`}
                    onClick={() => set({ complete: draft.complete.filter((_, other) => other !== index) })}
                  >
                    <IconX size={16} />
                  </ActionIcon>
                ) : null}
              </div>
            ))}
            <div>
              <Button
                size="compact-sm"
                variant="subtle"
                leftSection={<IconPlus size={14} />}
                onClick={() => set({ complete: [...draft.complete, { event: '' }] })}
              >
                or another
              </Button>
            </div>
          </Stack>
        </Input.Wrapper>
        <Group gap="xl" align="flex-start">
          <DurationInput label="within" value={draft.wait} error={shown.wait} onChange={(wait) => set({ wait })} />
          <DurationInput label="Cooldown" value={draft.cooldown} onChange={(cooldown) => set({ cooldown })} />
        </Group>
        <Text size="xs" c="dimmed" mt={-12}>
          Cooldown: no second case of this rule for the same person within this time.
        </Text>
        <TextInput
          label="One case per (optional)"
          description="Name of a property that tells two bookings, orders or quotes of one person apart."
          placeholder="booking_id"
          value={draft.key?.replace(/^prop:/, '') ?? ''}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <Select
          label="Send messages about"
          description="The case is kept either way."
          data={audiences}
          value={draft.audience}
          allowDeselect={false}
          onChange={(next) => set({ audience: audiences.find((one) => one.value === next)?.value ?? 'anyone' })}
        />
        <Input.Wrapper
          label="Messages"
          description={
            endpointOptions.length === 0
              ? 'Add an endpoint under Webhooks first, then choose it here.'
              : 'Each goes out after its delay, and is taken back if the person finishes before.'
          }
          labelElement="div"
          error={shown.followUps}
        >
          <Stack gap="sm" mt={6}>
            {draft.followUps.map((followUp, index) => {
              const change = (next: Partial<typeof followUp>) =>
                set({ followUps: draft.followUps.map((one, other) => (other === index ? { ...one, ...next } : one)) });
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: a message has no identity but its place; its fields are controlled.
                <div key={index} className={classes.editorRow}>
                  <Group gap="sm" align="flex-end" className={classes.editorGrow}>
                    <DurationInput
                      label={`Message ${index + 1} after`}
                      value={followUp.after}
                      onChange={(after) => change({ after })}
                    />
                    <Select
                      label="to"
                      aria-label={`Message ${index + 1}: endpoint`}
                      placeholder="Choose an endpoint"
                      data={endpointOptions}
                      value={followUp.endpoint === '' ? null : followUp.endpoint}
                      onChange={(endpoint) => change({ endpoint: endpoint ?? '' })}
                    />
                  </Group>
                  <ActionIcon
                    aria-label={`Remove message ${index + 1}`}
                    onClick={() => set({ followUps: draft.followUps.filter((_, other) => other !== index) })}
                  >
                    <IconX size={16} />
                  </ActionIcon>
                </div>
              );
            })}
            {endpointOptions.length > 0 && draft.followUps.length < limits.followUpsPerRule ? (
              <div>
                <Button
                  size="compact-sm"
                  variant="subtle"
                  leftSection={<IconPlus size={14} />}
                  onClick={() =>
                    set({
                      followUps: [
                        ...draft.followUps,
                        {
                          after: draft.followUps.length === 0 ? '0s' : '24h',
                          endpoint: endpointOptions[0]?.value ?? '',
                        },
                      ],
                    })
                  }
                >
                  Add message
                </Button>
              </div>
            ) : null}
          </Stack>
        </Input.Wrapper>
        <Group justify="space-between">
          <Switch
            label="On"
            checked={draft.enabled}
            onChange={(event) => set({ enabled: event.currentTarget.checked })}
          />
          <Group gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              Save rule
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
