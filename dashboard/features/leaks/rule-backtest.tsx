import { Button, Group, Select, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { BacktestAnswer, BacktestExample, BacktestRequest } from '../../../collector/contract/rule.ts';
import { backtestQuery, visitorQuery } from '../../api/queries.ts';
import { formatCount, formatDuration, formatInstant, formatMoney, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { CaseTimeline } from './case-timeline.tsx';
import { personName, reasonName } from './data.ts';
import classes from './leaks.module.css';
import { backtestLines, backtestSentence, type DraftRule, isAskable, questionRule } from './rule-draft.ts';
import { WaitCurve } from './rule-wait-curve.tsx';

const outcomeNames: Record<BacktestExample['outcome'], string> = {
  fires: 'Would have fired',
  'self-recovered': 'Finished by themselves',
  withheld: 'Held back',
};

/** What the rule would have done, before it does anything. */
export function RuleBacktest({
  draft,
  ruleId,
  onAdopt,
}: {
  draft: DraftRule;
  ruleId: string | null;
  onAdopt: (wait: string) => void;
}) {
  const site = useSite();
  const [days, setDays] = useState(30);
  const [asked, setAsked] = useState<BacktestRequest | null>(null);
  const now: BacktestRequest = { rule: questionRule(draft), days, ...(ruleId === null ? {} : { ruleId }) };
  const answer = useQuery({ ...backtestQuery(site.id, asked ?? now), enabled: asked !== null });
  const isOld = asked !== null && JSON.stringify(asked) !== JSON.stringify(now);
  return (
    <Stack gap="md">
      <div>
        <Title order={3}>What would it have done?</Title>
        <Text size="sm" c="dimmed">
          Runs the rule over visits that already happened. Nothing is stored and nothing is sent.
        </Text>
      </div>
      <Group gap="sm">
        <Select
          aria-label="Days to look back"
          w={150}
          data={[7, 30, 60, 90].map((count) => ({ value: String(count), label: `Last ${count} days` }))}
          value={String(days)}
          allowDeselect={false}
          onChange={(next) => setDays(Number(next ?? 30))}
        />
        <Button
          variant={asked === null || isOld ? 'filled' : 'default'}
          disabled={!isAskable(draft)}
          loading={answer.isFetching}
          onClick={() => {
            setAsked(now);
            if (!isOld && asked !== null) void answer.refetch();
          }}
        >
          {asked === null ? 'Try it' : 'Try again'}
        </Button>
      </Group>
      {isAskable(draft) ? null : (
        <Text size="sm" c="dimmed">
          First say what somebody does, and what finishing looks like.
        </Text>
      )}
      {isOld ? (
        <Text size="sm" className={classes.doubt} role="status">
          You have changed the rule since. Try it again to see the difference.
        </Text>
      ) : null}
      {asked === null ? null : answer.isError ? (
        <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />
      ) : answer.data ? (
        <Result answer={answer.data} days={asked.days} wait={draft.wait} onAdopt={onAdopt} />
      ) : (
        <Stack gap="sm">
          <Skeleton height={40} />
          <Skeleton height={140} />
        </Stack>
      )}
    </Stack>
  );
}

function Result({
  answer,
  days,
  wait,
  onAdopt,
}: {
  answer: BacktestAnswer;
  days: number;
  wait: string;
  onAdopt: (wait: string) => void;
}) {
  const most = Math.max(1, answer.cases);
  return (
    <Stack gap="lg">
      <div>
        <Text>{backtestSentence(answer, days)}</Text>
        {answer.cases > 0 ? (
          <dl className={classes.outcomes}>
            {backtestLines(answer).map(({ name, count, help }) => (
              <div key={name}>
                <dt>
                  {name}
                  <small>{help}</small>
                </dt>
                <dd>
                  <b>{formatCount(count)}</b>
                  <span className={classes.outcomeBar} aria-hidden="true">
                    <i style={{ width: `${(100 * count) / most}%` }} />
                  </span>
                </dd>
              </div>
            ))}
          </dl>
        ) : null}
        <Text size="xs" c="dimmed" mt="xs">
          {plural(answer.intents, 'matching event')} of {plural(answer.people, 'person', 'people')}
          {answer.messages > 0 ? `; ${plural(answer.messages, 'message')} in all` : ''}.
          {answer.sample > 1 ? ` Estimated from one visitor in ${answer.sample}.` : ''}
        </Text>
      </div>
      {answer.waitCurve.length > 0 ? (
        <section aria-label="How long people take">
          <Title order={3} mb={4}>
            How long to wait
          </Title>
          <Text size="sm">{answer.sentence}</Text>
          <WaitCurve curve={answer.waitCurve} wait={wait} />
          {answer.suggestedWait === null ? (
            <Text size="sm" c="dimmed">
              Only {plural(answer.finishers, 'person', 'people')} finished: too few to suggest a wait.
            </Text>
          ) : answer.suggestedWait === wait ? (
            <Text size="sm" c="dimmed">
              Your wait of {formatDuration(wait)} is the one we would suggest.
            </Text>
          ) : (
            <Button
              size="compact-sm"
              variant="light"
              onClick={() => answer.suggestedWait !== null && onAdopt(answer.suggestedWait)}
            >
              Wait {formatDuration(answer.suggestedWait)} instead of {formatDuration(wait)}
            </Button>
          )}
        </section>
      ) : null}
      {answer.examples.length > 0 ? (
        <section aria-label="Examples">
          <Title order={3} mb="xs">
            Some of them
          </Title>
          <ul className={classes.examples}>
            {answer.examples.map((example) => (
              <Example key={`${example.visitor} ${example.at} ${example.key}`} example={example} />
            ))}
          </ul>
        </section>
      ) : null}
    </Stack>
  );
}

/** Opens what the person did, at its place. */
function Example({ example }: { example: BacktestExample }) {
  const site = useSite();
  const { currency } = site.settings;
  const [isOpen, setOpen] = useState(false);
  const person = useQuery({ ...visitorQuery(site.id, example.visitor, example.at), enabled: isOpen });
  const facts = [
    outcomeNames[example.outcome],
    example.reason && example.outcome === 'withheld' ? reasonName(example.reason) : null,
    formatMoney(example.value, currency),
  ];
  return (
    <li>
      <button
        type="button"
        className={classes.example}
        aria-expanded={isOpen}
        onClick={() => setOpen((before) => !before)}
      >
        <b className={classes.exampleName}>{personName(example)}</b>
        <span>{formatInstant(example.at, site.timezone)}</span>
        <small>{facts.filter(Boolean).join(' · ')}</small>
      </button>
      {isOpen ? (
        <div className={classes.exampleBody}>
          {person.isError ? (
            <ErrorState error={person.error} onRetry={() => void person.refetch()} />
          ) : person.data ? (
            <CaseTimeline events={person.data.timeline} intentAt={example.at} timezone={site.timezone} />
          ) : (
            <Skeleton height={80} />
          )}
        </div>
      ) : null}
    </li>
  );
}
