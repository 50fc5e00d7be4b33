import { Button } from '@mantine/core';
import { IconDropletDown } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { StoredRule } from '../../../collector/contract/rule.ts';
import { request } from '../../api/client.ts';
import { rulesQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { notifyFailed, notifySaved } from '../../ui/notify.tsx';
import type { Step } from './data.ts';
import { ruleOfDrop } from './explain.ts';

/** Makes a rule of a drop-off, switched off, and leads to it. Nothing where no later step could finish it. */
export function MakeRule({ asked, step, window }: { asked: Step[]; step: number; window: string }) {
  const site = useSite();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const rule = ruleOfDrop(asked, step, window);
  const create = useMutation({
    mutationFn: (body: object) => request<StoredRule>('POST', `/sites/${site.id}/rules`, { body }),
    onSuccess: async (stored) => {
      await queryClient.invalidateQueries({ queryKey: rulesQuery(site.id).queryKey });
      notifySaved(`“${stored.name}” is a rule now. It is off: look at it, then switch it on.`);
      await navigate({ to: '/sites/$site/leaks', params: { site: site.id }, search: { part: 'rules' } });
    },
    onError: notifyFailed,
  });
  if (!rule) return null;
  return (
    <Button
      size="compact-sm"
      variant="light"
      leftSection={<IconDropletDown size={15} />}
      loading={create.isPending}
      onClick={() => create.mutate(rule)}
    >
      Make this a rule
    </Button>
  );
}
