import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { House, HousePart, HouseParts, SavedHousePart } from '../../../collector/contract/house.ts';
import { ApiError, request } from '../../api/client.ts';
import { houseQuery } from '../../api/house-queries.ts';
import { leadsKey } from '../../api/lead-queries.ts';
import { plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { notifySaved } from '../../ui/notify.tsx';

/** One part of the rules while it is written. */
export interface PartDraft<Part extends HousePart> {
  part: Part;
  saved: House[Part];
  draft: HouseParts[Part];
  dirty: boolean;
  set: (change: Partial<HouseParts[Part]>) => void;
  replace: (rules: HouseParts[Part]) => void;
  discard: () => void;
  save: (rules: HouseParts[Part]) => void;
  saving: boolean;
  error: unknown;
  /** Whether the error names places of the form. */
  isMarked: boolean;
  /** What keeps it from being saved at this place; at every place below where it ends with a dot. */
  wrong: (place: string) => string | undefined;
  /** What the last version that was saved may not mean as it was meant. */
  warnings: SavedHousePart['warnings'];
}

/** What is saved of a part, what is being written, and how to save it as a new version. Undefined while it is on its way. */
export function usePart<Part extends HousePart>(
  part: Part,
): { draft?: PartDraft<Part>; error?: unknown; retry: () => void } {
  const site = useSite();
  const queryClient = useQueryClient();
  const house = useQuery(houseQuery(site.id));
  const [written, setWritten] = useState<HouseParts[Part] | null>(null);
  const save = useMutation({
    mutationFn: (rules: HouseParts[Part]) =>
      request<SavedHousePart>('PUT', `/sites/${site.id}/house/${part}`, { body: rules }),
    onSuccess: async ({ version, leadsToJudge }) => {
      await queryClient.invalidateQueries({ queryKey: houseQuery(site.id).queryKey });
      setWritten(null);
      notifySaved(
        leadsToJudge === 0
          ? `Version ${version} holds.`
          : `Version ${version} holds. ${plural(leadsToJudge, 'lead')} will be looked at again in the next moments.`,
      );
      await queryClient.invalidateQueries({ queryKey: leadsKey(site.id) });
    },
  });
  const retry = () => void house.refetch();
  if (!house.data) return { error: house.error ?? undefined, retry };
  const saved = house.data[part];
  const draft = written ?? (saved.rules as HouseParts[Part]);
  const details = save.error instanceof ApiError ? save.error.details : [];
  return {
    retry,
    draft: {
      part,
      saved,
      draft,
      dirty: written !== null && JSON.stringify(written) !== JSON.stringify(saved.rules),
      set: (change) => setWritten({ ...draft, ...change }),
      replace: setWritten,
      discard: () => {
        setWritten(null);
        save.reset();
      },
      save: (rules) => save.mutate(rules),
      saving: save.isPending,
      error: save.error ?? null,
      isMarked: details.some(({ path }) => path !== ''),
      wrong: (place) =>
        details.find(({ path }) => path === place || (place.endsWith('.') && path.startsWith(place)))?.message,
      warnings: save.data?.warnings ?? [],
    },
  };
}
