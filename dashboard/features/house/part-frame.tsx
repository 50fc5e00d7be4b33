import { Alert, Button, Group, List, Skeleton, Stack, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { HousePart, HouseParts } from '../../../collector/contract/house.ts';
import { houseVersionsQuery } from '../../api/house-queries.ts';
import { formatInstant } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { errorText } from '../../ui/notify.tsx';
import { Lines } from '../funnels/people-list.tsx';
import { byWords } from '../leads/timeline-words.ts';
import { useOwners } from '../leads/use-owners.ts';
import { versionName, versionWords } from './data.ts';
import classes from './house.module.css';
import { type PartDraft, usePart } from './use-part.ts';

/** One part of the rules: what it is for, the form, what is wrong with it, saving as a new version, and all versions before. */
export function PartFrame<Part extends HousePart>({
  part,
  about,
  toSave = (rules) => rules,
  aside,
  children,
}: {
  part: Part;
  about: string;
  /** What is sent of what is written. */
  toSave?: (rules: HouseParts[Part]) => HouseParts[Part];
  /** Beside the buttons. */
  aside?: (draft: PartDraft<Part>) => ReactNode;
  children: (draft: PartDraft<Part>) => ReactNode;
}) {
  const { draft, error, retry } = usePart(part);
  if (!draft) return error ? <ErrorState error={error} onRetry={retry} /> : <Skeleton height={260} />;
  return (
    <Stack gap="lg">
      <Text size="sm" c="dimmed" maw={620}>
        {about}
      </Text>
      {children(draft)}
      {draft.warnings.length > 0 && !draft.dirty ? (
        <Alert color="copper" title="Worth knowing">
          <List size="sm">
            {draft.warnings.map(({ path, message }) => (
              <List.Item key={`${path} ${message}`}>{message}</List.Item>
            ))}
          </List>
        </Alert>
      ) : null}
      {draft.error ? (
        <Alert color="copper" title="This could not be saved" role="alert">
          {draft.isMarked ? 'Please look at what is marked above. ' : ''}
          {errorText(draft.error)}
        </Alert>
      ) : null}
      <div className={classes.foot}>
        <Group gap="sm">
          <Button loading={draft.saving} disabled={!draft.dirty} onClick={() => draft.save(toSave(draft.draft))}>
            Save as version {draft.saved.version + 1}
          </Button>
          {draft.dirty ? (
            <Button variant="default" onClick={draft.discard}>
              Discard
            </Button>
          ) : null}
          {aside?.(draft)}
        </Group>
        <Version part={part} saved={draft.saved} onTake={draft.replace} />
      </div>
    </Stack>
  );
}

function Version<Part extends HousePart>({
  part,
  saved,
  onTake,
}: {
  part: Part;
  saved: PartDraft<Part>['saved'];
  onTake: (rules: HouseParts[Part]) => void;
}) {
  const site = useSite();
  const [open, setOpen] = useState(false);
  return (
    <div className={classes.version}>
      <Group gap="sm">
        <Text size="sm">
          {versionName(saved.version)}
          {saved.savedAt ? (
            <Text component="span" size="sm" c="dimmed">
              {' '}
              since {formatInstant(saved.savedAt, site.timezone)}
            </Text>
          ) : null}
        </Text>
        {saved.version > 1 ? (
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconHistory size={15} stroke={1.6} />}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            What it was before
          </Button>
        ) : null}
      </Group>
      {open ? <Versions part={part} onTake={onTake} /> : null}
    </div>
  );
}

function Versions<Part extends HousePart>({ part, onTake }: { part: Part; onTake: (rules: HouseParts[Part]) => void }) {
  const site = useSite();
  const owners = useOwners();
  const versions = useQuery(houseVersionsQuery(site.id, part));
  if (versions.isError) return <ErrorState error={versions.error} onRetry={() => void versions.refetch()} />;
  if (!versions.data) return <Lines />;
  const savedBy = (by: string | null) => (by?.startsWith('user:') ? owners.nameOf(by.slice(5)) : byWords(by ?? ''));
  return (
    <ol className={classes.versions}>
      {versions.data.items.map((one) => {
        // The list is asked for this part only.
        const rules = one.rules as HouseParts[Part];
        return (
          <li key={one.version}>
            <Text size="sm" fw={550}>
              Version {one.version}
            </Text>
            <Text size="xs" c="dimmed">
              {one.savedAt ? formatInstant(one.savedAt, site.timezone) : ''} · {savedBy(one.savedBy)}
            </Text>
            <Text size="sm">{versionWords[part](rules)}</Text>
            <Button size="compact-xs" variant="subtle" onClick={() => onTake(rules)}>
              Fill the form with version {one.version}
            </Button>
          </li>
        );
      })}
    </ol>
  );
}
