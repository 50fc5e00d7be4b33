import { Button, Group, Menu, Text } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Lead, LeadDetail } from '../../../collector/contract/lead-answers.ts';
import type { LeadPatch, LeadStage } from '../../../collector/contract/leads.ts';
import { ApiError, request } from '../../api/client.ts';
import { leadsKey } from '../../api/lead-queries.ts';
import { plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { errorText, notifyFailed, notifySaved } from '../../ui/notify.tsx';
import classes from './leads.module.css';
import { MoveModal } from './move-modal.tsx';
import { useOwners } from './use-owners.ts';
import { leadName, stageNames, stageOrder } from './words.ts';

/** What can be done with several leads at once. */
export function BulkBar({ leads, onDone }: { leads: Lead[]; onDone: () => void }) {
  const site = useSite();
  const queryClient = useQueryClient();
  const owners = useOwners();
  const [moving, setMoving] = useState<LeadStage | null>(null);
  const change = useMutation({
    mutationFn: async (body: LeadPatch) => {
      const failed: string[] = [];
      for (const lead of leads) {
        await request<LeadDetail>('PATCH', `/sites/${site.id}/leads/${lead.id}`, { body }).catch((error: unknown) =>
          failed.push(`${leadName(lead)}: ${errorText(error)}`),
        );
      }
      if (failed.length > 0) throw new ApiError({ status: 0, code: 'partly', message: failed.join(' ') });
    },
    onSuccess: () => {
      notifySaved(`${plural(leads.length, 'lead')} changed.`);
      onDone();
    },
    onError: notifyFailed,
    onSettled: () => {
      setMoving(null);
      return queryClient.invalidateQueries({ queryKey: leadsKey(site.id) });
    },
  });
  return (
    <section className={classes.bulk} aria-label="Chosen leads">
      <Text size="sm" fw={550}>
        {plural(leads.length, 'lead')} chosen
      </Text>
      <Group gap="xs">
        <Menu position="bottom-start">
          <Menu.Target>
            <Button size="xs" variant="default" rightSection={<IconChevronDown size={14} />} loading={change.isPending}>
              Give to
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {owners.choices.map(({ value, label }) => (
              <Menu.Item key={value} onClick={() => change.mutate({ owner: value })}>
                {label}
              </Menu.Item>
            ))}
            <Menu.Item onClick={() => change.mutate({ owner: null })}>Nobody</Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Menu position="bottom-start">
          <Menu.Target>
            <Button size="xs" variant="default" rightSection={<IconChevronDown size={14} />} loading={change.isPending}>
              Move to
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {stageOrder
              .filter((stage) => stage !== 'incomplete')
              .map((stage) => (
                <Menu.Item key={stage} onClick={() => setMoving(stage)}>
                  {stageNames[stage]}
                </Menu.Item>
              ))}
          </Menu.Dropdown>
        </Menu>
        <Button size="xs" variant="subtle" color="gray" onClick={onDone}>
          Cancel
        </Button>
      </Group>
      <MoveModal
        to={moving}
        who={plural(leads.length, 'lead')}
        busy={change.isPending}
        onClose={() => setMoving(null)}
        onMove={(body) => change.mutate(body)}
      />
    </section>
  );
}
