import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { LeadDetail } from '../../../collector/contract/lead-answers.ts';
import type { LeadEventKind, LeadPatch } from '../../../collector/contract/leads.ts';
import { request } from '../../api/client.ts';
import { leadQuery, leadsKey } from '../../api/lead-queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { notifyFailed, notifySaved, notifyUndo } from '../../ui/notify.tsx';

/** What a person says of a lead and may take back. */
export const undoable: readonly LeadEventKind[] = [
  'identified',
  'touch',
  'stage',
  'owner',
  'accepted',
  'rejected',
  'next_step',
  'note',
  'consent',
];

/** One change of a lead, and what the notice says. */
export interface LeadChange {
  id: string;
  /** Behind `/leads/ID`; absent: the lead itself is changed. */
  action?: string;
  body?: LeadPatch | Record<string, unknown>;
  /** What was done, in a sentence. */
  said: string;
  /** What takes it back, behind `/leads/`; absent: the entries it wrote into the history are taken back. */
  takeBack?: string;
}

/** Changes leads, and offers to take each change back. `after` is called when it is done. */
export function useLeadChange(after?: () => void) {
  const site = useSite();
  const queryClient = useQueryClient();
  const leads = `/sites/${site.id}/leads`;
  const refresh = () => queryClient.invalidateQueries({ queryKey: leadsKey(site.id) });

  const undo = useMutation({
    mutationFn: async (paths: string[]) => {
      for (const path of paths) await request('POST', `${leads}/${path}`);
    },
    onSuccess: async () => {
      await refresh();
      notifySaved('Taken back.');
    },
    onError: notifyFailed,
  });
  return useMutation({
    mutationFn: ({ id, action, body }: LeadChange) =>
      action === undefined
        ? request<LeadDetail>('PATCH', `${leads}/${id}`, { body })
        : request<LeadDetail>('POST', `${leads}/${id}/${action}`, { body: body ?? {} }),
    onSuccess: async (answer, { id, said, takeBack, action }) => {
      const one = leadQuery(site.id, id).queryKey;
      const before = queryClient.getQueryData(one)?.history ?? null;
      const paths = takeBack ? [takeBack] : newEntries(answer, before).map((event) => `${id}/undo/${event}`);
      queryClient.setQueryData(one, answer);
      after?.();
      if (paths.length === 0 || action?.startsWith('undo/')) notifySaved(said);
      else notifyUndo(said, () => undo.mutate(paths));
      await refresh();
    },
    onError: notifyFailed,
  });
}

/**
 * What a change wrote and a person may take back, newest first. Where it is not known what was there before: the newest of a person, and
 * what was written at the same moment.
 */
function newEntries({ history }: LeadDetail, before: LeadDetail['history'] | null): string[] {
  const own = history.filter(({ kind, by, undone }) => undoable.includes(kind) && by !== 'system' && !undone);
  const known = new Set(before?.map(({ id }) => id));
  const fresh = before ? own.filter(({ id }) => !known.has(id)) : own.filter(({ at }) => at === own[0]?.at);
  return fresh.map(({ id }) => id);
}
