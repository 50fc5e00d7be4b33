import { Anchor, Button, FileButton, Group, Stack, Text } from '@mantine/core';
import { IconCamera } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { LeadDetail } from '../../../collector/contract/lead-answers.ts';
import { leadsKey } from '../../api/lead-queries.ts';
import { formatInstant } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { notifyFailed, notifySaved } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import classes from './lead-page.module.css';
import { photoAddress, sendPhoto } from './send-photo.ts';
import { useLeadChange } from './use-lead-change.ts';
import { leadName } from './words.ts';

/** Photos of cards, and the leads that were merged into this one. */
export function LeadFiles({ lead }: { lead: LeadDetail }) {
  const site = useSite();
  const queryClient = useQueryClient();
  const change = useLeadChange();
  const add = useMutation({
    mutationFn: (file: File) => sendPhoto({ site: site.id, lead: lead.id, file }),
    onSuccess: async () => {
      notifySaved('Photo added.');
      await queryClient.invalidateQueries({ queryKey: leadsKey(site.id) });
    },
    onError: notifyFailed,
  });
  return (
    <Panel title="Cards and merges">
      <Stack gap="sm">
        {lead.photos.length > 0 ? (
          <ul className={classes.photos}>
            {lead.photos.map(({ id, at }) => (
              <li key={id}>
                <Anchor href={photoAddress(site.id, id)} target="_blank" rel="noreferrer">
                  <img
                    src={photoAddress(site.id, id)}
                    alt={`Card of ${leadName(lead)}, ${formatInstant(at, site.timezone)}`}
                  />
                </Anchor>
              </li>
            ))}
          </ul>
        ) : null}
        <FileButton accept="image/*" onChange={(file) => file && add.mutate(file)}>
          {(props) => (
            <Button
              {...props}
              size="xs"
              variant="default"
              leftSection={<IconCamera size={15} stroke={1.6} />}
              loading={add.isPending}
            >
              Add a photo of a card
            </Button>
          )}
        </FileButton>
        {lead.merged.map((one) => (
          <Group key={one.id} justify="space-between" gap="sm" wrap="nowrap">
            <Text size="sm">
              {leadName(one)} <span className={classes.unknown}>is part of this</span>
            </Text>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() =>
                change.mutate({ id: one.id, action: 'unmerge', said: `${leadName(one)} is a lead of its own again.` })
              }
            >
              Take apart
            </Button>
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}
