import { Button, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ruleVersionsQuery } from '../../api/queries.ts';
import { formatInstant, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { ruleSentence } from './data.ts';
import classes from './leaks.module.css';
import { changesOf, type DraftRule, toDraft } from './rule-draft.ts';

/** What the rule has been. A case is judged by the version that made it. */
export function RuleVersions({ id, onTake }: { id: string; onTake: (rule: DraftRule) => void }) {
  const site = useSite();
  const versions = useQuery(ruleVersionsQuery(site.id, id));
  if (versions.isError) return <ErrorState error={versions.error} onRetry={() => void versions.refetch()} />;
  if (!versions.data) return <Skeleton height={180} />;
  const { items } = versions.data;
  return (
    <Stack gap="md">
      <div>
        <Title order={3}>What it has been</Title>
        <Text size="sm" c="dimmed">
          A case is judged by the version that made it.
        </Text>
      </div>
      <ol className={classes.versions}>
        {items.map((one, index) => (
          <li key={one.version}>
            <Text size="sm" fw={550}>
              Version {one.version}
              {index === 0 ? ', now' : ''}
            </Text>
            <Text size="xs" c="dimmed">
              Since {formatInstant(one.createdAt, site.timezone)} · {plural(one.cases, 'case')} ·{' '}
              {changesOf(items[index + 1]?.rule, one.rule).join(', ') || 'nothing that matters'}
            </Text>
            <Text size="sm">{ruleSentence(one.rule)}</Text>
            {index === 0 ? null : (
              <Button size="compact-xs" variant="subtle" onClick={() => onTake(toDraft(one.rule))}>
                Fill the form with version {one.version}
              </Button>
            )}
          </li>
        ))}
      </ol>
    </Stack>
  );
}
