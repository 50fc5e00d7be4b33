import { Drawer, Group, Stack, Tabs, Text } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { FunnelStepResult } from '../../../collector/contract/funnel.ts';
import { type FunnelQuestion, funnelNextQuery, funnelPeoplePage, funnelPeopleQuery } from '../../api/queries.ts';
import { formatCount, formatRate, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import type { Step, Unit } from './data.ts';
import classes from './funnels.module.css';
import { MakeRule } from './make-rule.tsx';
import { Lines, PeopleList } from './people-list.tsx';
import { SendPeople } from './send-people.tsx';
import { Why } from './why.tsx';

export type DropTab = 'people' | 'next' | 'why';

/** Behind one drop-off: everybody in the number, and what they did instead. */
export function DropDrawer({
  question,
  steps,
  step,
  tab,
  unit,
  asked,
  onTab,
  onClose,
}: {
  question: FunnelQuestion;
  steps: FunnelStepResult[];
  /** The step after which they left, from 1; undefined: closed. */
  step: number | undefined;
  tab: DropTab;
  unit: Unit;
  /** The steps as they were asked for, for the rule. */
  asked: Step[];
  onTab: (tab: DropTab) => void;
  onClose: () => void;
}) {
  const from = steps.find((one) => one.index === step);
  const opened = step !== undefined && from !== undefined;
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      size={720}
      title={from ? `${plural(from.dropped, unit)} left after ${from.name}` : ''}
    >
      {opened ? (
        <>
          <Group gap="sm" className={classes.actions}>
            <MakeRule asked={asked} step={step} window={question.window} />
            <SendPeople question={question} step={step} count={from.dropped} unit={unit} />
          </Group>
          <Tabs
            value={tab}
            onChange={(next) => onTab(next === 'next' || next === 'why' ? next : 'people')}
            keepMounted={false}
          >
            <Tabs.List>
              <Tabs.Tab value="people">Who left</Tabs.Tab>
              <Tabs.Tab value="next">What they did next</Tabs.Tab>
              <Tabs.Tab value="why">Why</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="people" pt="md">
              <People question={question} step={step} unit={unit} />
            </Tabs.Panel>
            <Tabs.Panel value="next" pt="md">
              <Next question={question} step={step} unit={unit} />
            </Tabs.Panel>
            <Tabs.Panel value="why" pt="md">
              <Why question={question} step={step} />
            </Tabs.Panel>
          </Tabs>
        </>
      ) : null}
    </Drawer>
  );
}

function People({ question, step, unit }: { question: FunnelQuestion; step: number; unit: Unit }) {
  const site = useSite();
  const body = { ...question, step, outcome: 'dropped' as const };
  const people = useInfiniteQuery(funnelPeopleQuery(site.id, body));
  return (
    <PeopleList
      people={people}
      ask={(cursor) => funnelPeoplePage(site.id, { ...body, limit: 1_000, ...(cursor ? { cursor } : {}) })}
      unit={unit}
      label="Who left"
      at="Left at"
      file={`who left after step ${step}`}
      nobody={{ title: 'Nobody left here', text: 'Everybody who got this far went on.' }}
    />
  );
}

const kindWords = { page: 'page', event: 'event', exit: 'left the site' } as const;

function Next({ question, step, unit }: { question: FunnelQuestion; step: number; unit: Unit }) {
  const site = useSite();
  const next = useQuery(funnelNextQuery(site.id, { ...question, step }));
  if (next.isError && !next.data) return <ErrorState error={next.error} onRetry={() => void next.refetch()} />;
  if (!next.data) return <Lines />;
  const { dropped, items } = next.data;
  if (dropped === 0) return <EmptyState title="Nobody left here">Everybody who got this far went on.</EmptyState>;
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        The first thing each {unit} did instead of the next step. The numbers add up to {formatCount(dropped)}.
      </Text>
      <ol className={classes.next}>
        {items.map((item) => (
          <li
            key={`${item.kind} ${item.label}`}
            className={classes.nextRow}
            data-exit={item.kind === 'exit' || undefined}
          >
            <span className={classes.nextBar} style={{ width: `${(item.count / Math.max(1, dropped)) * 100}%` }} />
            <span className={classes.nextName}>
              {item.kind === 'exit' ? 'Left the site' : item.label}{' '}
              {item.kind === 'exit' ? null : <span className={classes.nextKind}>{kindWords[item.kind]}</span>}
            </span>
            <span className={classes.nextValue}>
              <b>{formatCount(item.count)}</b> {formatRate(dropped === 0 ? 0 : item.count / dropped)}
            </span>
          </li>
        ))}
      </ol>
    </Stack>
  );
}
