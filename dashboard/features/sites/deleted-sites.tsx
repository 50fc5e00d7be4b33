import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Site } from '../../../collector/contract/manage.ts';
import { request } from '../../api/client.ts';
import { deletedSitesQuery, meQuery, sitesQuery } from '../../api/queries.ts';
import { formatDay } from '../../format.ts';
import { notifyFailed, notifySaved } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';

/** What can still be restored, for owners; nothing where there is nothing. */
export function DeletedSites() {
  const me = useQuery(meQuery());
  const deleted = useQuery({ ...deletedSitesQuery(), enabled: me.data?.user.role === 'owner' });
  const restore = useRestoreSite();
  if (!deleted.data || deleted.data.items.length === 0) return null;
  return (
    <Panel title="Deleted sites">
      <Stack gap="md">
        {deleted.data.items.map((site) => (
          <Group key={site.id} justify="space-between" gap="md">
            <Text size="sm" maw={420}>
              <b>{site.name}</b>, deleted on {formatDay(site.deletedAt)}. Its data are erased after{' '}
              {formatDay(site.erasedFrom)}.
            </Text>
            <Button
              variant="default"
              aria-label={`Restore ${site.name}`}
              loading={restore.isPending && restore.variables === site.id}
              onClick={() => restore.mutate(site.id)}
            >
              Restore
            </Button>
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}

/** Brings a deleted site back, by its id, and opens it. */
export function useRestoreSite() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (id: string) => request<Site>('POST', `/deleted-sites/${id}/restore`),
    onSuccess: async (site) => {
      await queryClient.invalidateQueries({ queryKey: ['deleted-sites'] });
      await queryClient.fetchQuery({ ...sitesQuery(), staleTime: 0 });
      await navigate({ to: '/sites/$site/overview', params: { site: site.id } });
      notifySaved(`“${site.name}” is back.`);
    },
    onError: notifyFailed,
  });
}
