import { Button, Group, Input, Modal, NumberInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { limits } from '../../../collector/contract/limits.ts';
import type { Goal, StoredGoal } from '../../../collector/contract/manage.ts';
import { request } from '../../api/client.ts';
import { seenQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { FailedAttempt } from '../../ui/failed-attempt.tsx';
import { MatchEditor } from '../../ui/match-editor.tsx';
import { notifyFailed, notifySaved, notifyUndo } from '../../ui/notify.tsx';
import { askableGoal, blankGoal, goalPatch, goalProblems, toDraft } from './data.ts';

/** Writes a new goal, or changes one. */
export function GoalEditor({ goal, onClose }: { goal: StoredGoal | 'new' | null; onClose: () => void }) {
  return (
    <Modal opened={goal !== null} onClose={onClose} size={560} title={goal === 'new' ? 'New goal' : 'Edit goal'}>
      {goal === null ? null : <Form goal={goal === 'new' ? null : goal} onClose={onClose} />}
    </Modal>
  );
}

function Form({ goal, onClose }: { goal: StoredGoal | null; onClose: () => void }) {
  const site = useSite();
  const queryClient = useQueryClient();
  const seen = useQuery(seenQuery(site.id));
  const [draft, setDraft] = useState(() => (goal ? toDraft(goal) : blankGoal));
  const [tried, setTried] = useState(false);
  const problems = goalProblems(draft);
  const shown = tried ? problems : {};
  const refresh = () => queryClient.invalidateQueries({ queryKey: ['goal-report', site.id] });
  const change = (id: string, to: Goal) =>
    request<StoredGoal>('PATCH', `/sites/${site.id}/goals/${id}`, { body: goalPatch(to) });
  const save = useMutation({
    mutationFn: () => {
      const written = askableGoal(draft);
      return goal
        ? change(goal.id, written)
        : request<StoredGoal>('POST', `/sites/${site.id}/goals`, { body: written });
    },
    onSuccess: async () => {
      if (goal)
        notifyUndo(`“${goal.name}” changed.`, () => void change(goal.id, goal).then(refresh).catch(notifyFailed));
      else notifySaved('Goal added.');
      await refresh();
      onClose();
    },
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (Object.keys(problems).length === 0) save.mutate();
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Name"
          placeholder="Booking finished"
          maxLength={limits.nameLength}
          value={draft.name}
          error={shown.name}
          data-autofocus
          onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
        />
        <Input.Wrapper label="Reached by" labelElement="div">
          <MatchEditor
            label="Goal"
            value={draft.match}
            seen={seen.data}
            error={shown.match}
            onChange={(match) => setDraft({ ...draft, match })}
          />
        </Input.Wrapper>
        <NumberInput
          label={`Worth of one, in ${site.settings.currency}`}
          description="Optional. Counts where the event itself carries no value."
          value={draft.value}
          error={shown.value}
          min={0}
          max={1e9}
          decimalScale={2}
          thousandSeparator=","
          hideControls
          onChange={(value) => setDraft({ ...draft, value: value === '' ? '' : Number(value) })}
        />
        <FailedAttempt of={save} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save goal
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
