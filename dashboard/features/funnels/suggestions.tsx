import { Skeleton, Stack, Text, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { funnelSuggestionsQuery } from '../../api/queries.ts';
import { plural } from '../../format.ts';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { matchName, type Step } from './data.ts';
import { followUpFunnel } from './follow-up.ts';
import classes from './funnels.module.css';

/** Ways that people already take to a goal, and the way of a lead, each a funnel to start from. Nothing where none are known. */
export function Suggestions({
  isFollowedUp,
  onChoose,
  onFollowUp,
}: {
  /** Leads are worked on here: the way from the form to the customer can be asked for. */
  isFollowedUp: boolean;
  onChoose: (steps: Step[]) => void;
  onFollowUp: () => void;
}) {
  const site = useSite();
  const { range } = useQuestion();
  const suggestions = useQuery(funnelSuggestionsQuery(site.id, range));
  if (suggestions.isPending) return <Skeleton height={120} />;
  const items = suggestions.data?.items ?? [];
  // A help to begin with: where it fails, the builder beside it still works.
  if (items.length === 0 && !isFollowedUp) return null;
  return (
    <Stack gap="xs">
      <Text fw={550} component="h3" size="sm">
        Ways people already take to a goal
      </Text>
      <ul className={classes.suggestions}>
        {isFollowedUp ? (
          <li>
            <UnstyledButton className={classes.suggestion} onClick={onFollowUp}>
              <span>{followUpFunnel.steps.map(({ name }) => name).join(' → ')}</span>
              <span className={classes.suggestionCount}>Is it the page that leaks, or the follow-up?</span>
            </UnstyledButton>
          </li>
        ) : null}
        {items.slice(0, 9).map((item) => {
          const way = item.steps.map((step) => matchName(step.match)).join(' → ');
          return (
            <li key={`${item.goal} ${way}`}>
              <UnstyledButton className={classes.suggestion} onClick={() => onChoose(item.steps)}>
                <span>{way}</span>
                <span className={classes.suggestionCount}>{plural(item.count, 'session')}</span>
              </UnstyledButton>
            </li>
          );
        })}
      </ul>
    </Stack>
  );
}
