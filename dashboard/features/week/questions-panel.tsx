import { Skeleton, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { WeeklyAnswer } from '../../../collector/contract/balance.ts';
import { weeklyQuery } from '../../api/week-queries.ts';
import { formatCount, formatMoney } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { originName, type WeekSearch, weekBefore, weeklyAnswers } from './data.ts';
import classes from './week.module.css';

/** The six weekly questions, word for word, with the week before beside them. */
export function QuestionsPanel({ week, onOpen }: { week: string; onOpen: (search: WeekSearch) => void }) {
  const site = useSite();
  const weekly = useQuery(weeklyQuery(site.id, week));
  const before = useQuery(weeklyQuery(site.id, weekBefore(week)));
  return (
    <Panel title="The six questions of the week">
      {weekly.isError && !weekly.data ? (
        <ErrorState error={weekly.error} onRetry={() => void weekly.refetch()} />
      ) : !weekly.data ? (
        <Skeleton height={240} />
      ) : (
        <Questions weekly={weekly.data} before={before.data} onOpen={onOpen} />
      )}
    </Panel>
  );
}

function Questions({
  weekly,
  before,
  onOpen,
}: {
  weekly: WeeklyAnswer;
  before: WeeklyAnswer | undefined;
  onOpen: (search: WeekSearch) => void;
}) {
  const site = useSite();
  return (
    <ol className={classes.questions}>
      {weeklyAnswers(weekly).map(({ question, count }) => (
        <li key={question}>
          <span className={classes.question}>{question}</span>
          {count === null ? (
            <span className={classes.from}>
              {weekly.cameFrom.length === 0 ? 'Nobody came in.' : null}
              {weekly.cameFrom.map(({ source, channel, leads }) => (
                <UnstyledButton
                  key={`${source} ${channel}`}
                  className={classes.reason}
                  onClick={() => onOpen({ count: 'in', source, channel })}
                >
                  {originName(source, channel)} <b>{formatCount(leads)}</b>
                </UnstyledButton>
              ))}
            </span>
          ) : (
            <span className={classes.answer}>
              <UnstyledButton
                className={classes.count}
                aria-label={`${question} ${formatCount(weekly[count])}. Show the names`}
                onClick={() => onOpen({ count })}
              >
                {formatCount(weekly[count])}
              </UnstyledButton>
              <small>
                {count === 'closed' && weekly.closedValue > 0
                  ? `${formatMoney(weekly.closedValue, site.settings.currency)} · `
                  : ''}
                {before ? `${formatCount(before[count])} the week before` : ''}
              </small>
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}
