import { ActionIcon } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { StoredAnnotation } from '../../../collector/contract/manage.ts';
import { request } from '../../api/client.ts';
import { annotationsQuery } from '../../api/queries.ts';
import { formatDay } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { notifyFailed, notifyUndo } from '../../ui/notify.tsx';
import { dateIn } from '../range/data.ts';
import classes from './overview.module.css';

/** The notes of the range below the chart. Nothing where there are none. */
export function NoteList({ notes }: { notes: StoredAnnotation[] }) {
  const site = useSite();
  const queryClient = useQueryClient();
  const refresh = () => queryClient.invalidateQueries({ queryKey: annotationsQuery(site.id).queryKey });
  const restore = useMutation({
    mutationFn: ({ on, text }: StoredAnnotation) =>
      request('POST', `/sites/${site.id}/annotations`, { body: { on, text } }),
    onSuccess: refresh,
    onError: notifyFailed,
  });
  const remove = useMutation({
    mutationFn: (note: StoredAnnotation) => request('DELETE', `/sites/${site.id}/annotations/${note.id}`),
    onSuccess: async (_, note) => {
      notifyUndo('Note deleted.', () => restore.mutate(note));
      await refresh();
    },
    onError: notifyFailed,
  });
  if (notes.length === 0) return null;
  const year = dateIn(site.timezone, Date.now()).slice(0, 4);
  return (
    <ul className={classes.notes} aria-label="Notes">
      {notes.map((note) => (
        <li key={note.id}>
          <time dateTime={note.on}>{formatDay(note.on, year)}</time>
          <span className={classes.noteText}>{note.text}</span>
          <ActionIcon size={24} aria-label={`Delete the note ${note.text}`} onClick={() => remove.mutate(note)}>
            <IconTrash size={15} stroke={1.6} />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}
