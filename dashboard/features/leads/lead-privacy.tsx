import { List, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { LeadDetail } from '../../../collector/contract/lead-answers.ts';
import { request } from '../../api/client.ts';
import { leadsKey } from '../../api/lead-queries.ts';
import { saveFile } from '../../csv.ts';
import { useSite } from '../../shell/use-site.ts';
import { ConfirmModal } from '../../ui/confirm-modal.tsx';
import { notifyFailed, notifySaved } from '../../ui/notify.tsx';
import { leadName } from './words.ts';

/** Everything that is kept of a person, as a file. */
export function useLeadExport(lead: LeadDetail) {
  const site = useSite();
  return useMutation({
    mutationFn: () => request<unknown>('POST', `/sites/${site.id}/privacy/export`, { body: { lead: lead.id } }),
    onSuccess: (everything) =>
      saveFile(`person-${lead.number}.json`, JSON.stringify(everything, null, 2), 'application/json'),
    onError: notifyFailed,
  });
}

/** Asks before a person is erased everywhere, and says what goes. */
export function EraseModal({ lead, opened, onClose }: { lead: LeadDetail; opened: boolean; onClose: () => void }) {
  const site = useSite();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const erase = useMutation({
    mutationFn: () => request('POST', `/sites/${site.id}/privacy/erase`, { body: { lead: lead.id } }),
    onSuccess: async () => {
      onClose();
      await navigate({ to: '/sites/$site/leads', params: { site: site.id } });
      queryClient.removeQueries({ queryKey: [...leadsKey(site.id), 'one', lead.id] });
      await queryClient.invalidateQueries({ queryKey: leadsKey(site.id) });
      notifySaved('Erased. Nothing of this person is kept.');
    },
    onError: notifyFailed,
  });
  return (
    <ConfirmModal
      opened={opened}
      title={`Erase ${leadName(lead)}?`}
      action="Erase for good"
      typed={leadName(lead)}
      busy={erase.isPending}
      onClose={onClose}
      onConfirm={() => erase.mutate()}
    >
      <Text size="sm">This cannot be taken back. Everything that is kept of this person goes:</Text>
      <List size="sm" my="xs">
        <List.Item>name, addresses, notes, photos, and the whole history of the lead,</List.Item>
        <List.Item>every visit to the website that is known to be theirs,</List.Item>
        <List.Item>messages about them that have not gone out yet.</List.Item>
      </List>
      <Text size="sm">Numbers of past weeks become smaller by one.</Text>
    </ConfirmModal>
  );
}
