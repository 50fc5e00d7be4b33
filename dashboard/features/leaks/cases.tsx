import { Anchor, Button, Select, Skeleton, Stack, Table, Text, UnstyledButton } from '@mantine/core';
import { IconHelp, IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { AbandonmentSummary } from '../../../collector/contract/abandonment.ts';
import { type CaseQuestion, caseCountsQuery, casesQuery, rulesQuery } from '../../api/queries.ts';
import { formatCount, formatInstant, formatMoney, formatRelative, plural } from '../../format.ts';
import type { LeaksSearch } from '../../router.tsx';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Hint } from '../../ui/hint.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Wide } from '../../ui/wide.tsx';
import { CaseStateMark } from './case-state.tsx';
import {
  caseStateHelp,
  caseStateNames,
  caseStateOrder,
  personName,
  reachedNames,
  reasonName,
  suppressNames,
} from './data.ts';
import classes from './leaks.module.css';

const route = getRouteApi('/signed-in/sites/$site/leaks');

/** Counts by state; pressing one lists exactly those. */
export function Cases() {
  const site = useSite();
  const { range } = useQuestion();
  const { state, rule, reason, reached } = route.useSearch();
  const navigate = route.useNavigate();
  const scope: Omit<CaseQuestion, 'state'> = {
    ...range,
    ...(rule ? { rule } : {}),
    ...(reached ? { reached } : {}),
  };
  const counts = useQuery(caseCountsQuery(site.id, scope));
  const rules = useQuery(rulesQuery(site.id));
  const all = counts.data ? Object.values(counts.data.states).reduce((sum, count) => sum + count, 0) : undefined;
  const show = (change: LeaksSearch) =>
    void navigate({ search: (old) => ({ ...old, part: 'cases', ...change }), resetScroll: false });
  return (
    <Stack gap="lg">
      <div className={classes.counts}>
        <UnstyledButton
          className={classes.count}
          aria-pressed={state === undefined}
          onClick={() => show({ state: undefined, reason: undefined })}
        >
          <span className={classes.countNumber}>{all === undefined ? '–' : formatCount(all)}</span>
          <span className={classes.countName}>All cases</span>
        </UnstyledButton>
        {caseStateOrder.map((name) => (
          <div key={name} className={classes.countCell}>
            <UnstyledButton
              className={classes.count}
              aria-pressed={state === name}
              onClick={() => show({ state: name, reason: undefined })}
            >
              <span className={classes.countNumber}>{counts.data ? formatCount(counts.data.states[name]) : '–'}</span>
              <span className={classes.countName}>{caseStateNames[name]}</span>
            </UnstyledButton>
            <span className={classes.countHint}>
              <Hint about={caseStateNames[name]}>{caseStateHelp[name]}</Hint>
            </span>
          </div>
        ))}
      </div>
      <div className={classes.tools}>
        {(rules.data?.items.length ?? 0) > 0 ? (
          <Select
            aria-label="Rule"
            placeholder="All rules"
            clearable
            w={280}
            clearButtonProps={{ 'aria-label': 'All rules' }}
            data={(rules.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
            value={rule ?? null}
            onChange={(next) => show({ rule: next ?? undefined })}
          />
        ) : null}
        {state === 'suppressed' ? (
          <Select
            aria-label="Reason"
            placeholder="All reasons"
            clearable
            w={280}
            clearButtonProps={{ 'aria-label': 'All reasons' }}
            data={Object.entries(suppressNames).map(([value, label]) => ({ value, label }))}
            value={reason ?? null}
            onChange={(next) => show({ reason: (next ?? undefined) as LeaksSearch['reason'] })}
          />
        ) : null}
        {reached ? (
          <Button
            variant="light"
            rightSection={<IconX size={15} />}
            aria-label={`Only those who ${reachedNames[reached]}: show all`}
            onClick={() => show({ reached: undefined })}
          >
            Only those who {reachedNames[reached]}
          </Button>
        ) : null}
        <Button variant="default" leftSection={<IconHelp size={16} />} onClick={() => show({ why: rule ?? 'ask' })}>
          Why did it act, or not?
        </Button>
      </div>
      <CaseList question={{ ...scope, ...(state ? { state } : {}), ...(reason ? { reason } : {}) }} />
    </Stack>
  );
}

function CaseList({ question }: { question: CaseQuestion }) {
  const site = useSite();
  const navigate = route.useNavigate();
  const cases = useInfiniteQuery(casesQuery(site.id, question));
  const rules = useQuery(rulesQuery(site.id));
  const open = (id: string) => void navigate({ search: (old) => ({ ...old, case: id }), resetScroll: false });

  if (cases.isError && !cases.data) return <ErrorState error={cases.error} onRetry={() => void cases.refetch()} />;
  if (!cases.data) {
    return (
      <Panel>
        <Stack gap="sm">
          {[100, 94, 97, 90].map((width) => (
            <Skeleton key={width} height={30} width={`${width}%`} />
          ))}
        </Stack>
      </Panel>
    );
  }
  const items = cases.data.pages.flatMap((page) => page.items);
  const total = cases.data.pages[0]?.total ?? 0;
  if (total === 0) {
    const anyOn = rules.data?.items.some((rule) => rule.enabled);
    return (
      <Panel>
        <EmptyState
          title={
            question.state ? `No cases in the state “${caseStateNames[question.state]}”` : 'No cases in this range'
          }
          action={
            anyOn === false ? (
              <Button onClick={() => void navigate({ search: (old) => ({ ...old, part: 'rules' }) })}>
                Switch on a rule
              </Button>
            ) : null
          }
        >
          {anyOn === false
            ? 'A rule says which page or event shows intent and what finishing looks like. No rule is switched on yet.'
            : 'Choose a longer range or another state. A case appears as soon as somebody shows intent.'}
        </EmptyState>
      </Panel>
    );
  }
  return (
    <Stack gap="sm">
      <Panel flush>
        <div className={classes.asTable}>
          <Wide label="Cases">
            <Table verticalSpacing="sm" horizontalSpacing="lg">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Who</Table.Th>
                  <Table.Th>Rule</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th ta="right">Value</Table.Th>
                  <Table.Th>Since</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((one) => (
                  <Table.Tr key={one.id}>
                    <Table.Td>
                      <Anchor
                        component="button"
                        type="button"
                        size="sm"
                        fw={550}
                        ta="left"
                        onClick={() => open(one.id)}
                      >
                        {personName(one)}
                      </Anchor>
                      <Text size="xs" c="dimmed">
                        {one.path}
                      </Text>
                    </Table.Td>
                    <Table.Td>{one.rule}</Table.Td>
                    <Table.Td>
                      <CaseStateMark state={one.state} />
                      {one.reason ? (
                        <Text size="xs" c="dimmed">
                          {reasonName(one.reason)}
                        </Text>
                      ) : null}
                    </Table.Td>
                    <Table.Td ta="right">{formatMoney(one.value, one.currency) ?? '–'}</Table.Td>
                    <Table.Td className={classes.nowrap}>
                      <Since one={one} timezone={site.timezone} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </div>
        <ul className={classes.asCards}>
          {items.map((one) => (
            <li key={one.id} className={classes.card}>
              <div className={classes.cardHead}>
                <Anchor component="button" type="button" fw={550} ta="left" onClick={() => open(one.id)}>
                  {personName(one)}
                </Anchor>
                <CaseStateMark state={one.state} />
              </div>
              <Text size="sm">{one.rule}</Text>
              <Text size="xs" c="dimmed">
                {[one.path, formatMoney(one.value, one.currency)].filter(Boolean).join(' · ')} ·{' '}
                <Since one={one} timezone={site.timezone} />
              </Text>
            </li>
          ))}
        </ul>
      </Panel>
      <div className={classes.foot}>
        <Text size="sm" c="dimmed">
          {items.length === total ? plural(total, 'case') : `${formatCount(items.length)} of ${plural(total, 'case')}`}
        </Text>
        {cases.hasNextPage ? (
          <Button variant="default" loading={cases.isFetchingNextPage} onClick={() => void cases.fetchNextPage()}>
            Show more
          </Button>
        ) : null}
      </div>
    </Stack>
  );
}

function Since({ one, timezone }: { one: AbandonmentSummary; timezone: string }) {
  return (
    <time dateTime={one.occurredAt} title={formatInstant(one.occurredAt, timezone)}>
      {formatRelative(one.occurredAt, Date.now())}
    </time>
  );
}
