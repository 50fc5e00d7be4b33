import { Drawer, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Abandonment } from '../../../collector/contract/abandonment.ts';
import { caseQuery } from '../../api/queries.ts';
import { formatCountry, formatInstant, formatMoment, formatMoney, formatRelative } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { DeliveryItem } from '../webhooks/delivery-item.tsx';
import webhookClasses from '../webhooks/webhooks.module.css';
import { CaseChecks } from './case-checks.tsx';
import { CaseStateMark } from './case-state.tsx';
import { CaseTimeline } from './case-timeline.tsx';
import { caseStateNames, personName, reasonName } from './data.ts';
import classes from './leaks.module.css';

/** One case: what happened, what was decided, what was sent. */
export function CaseDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const site = useSite();
  const found = useQuery({ ...caseQuery(site.id, id ?? ''), enabled: id !== undefined });
  return (
    <Drawer opened={id !== undefined} onClose={onClose} size={620} title={found.data ? personName(found.data) : 'Case'}>
      {found.isError ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : found.data ? (
        <CaseBody one={found.data} timezone={site.timezone} />
      ) : (
        <Stack gap="sm">
          <Skeleton height={26} width="50%" />
          <Skeleton height={120} />
          <Skeleton height={180} />
        </Stack>
      )}
    </Drawer>
  );
}

function CaseBody({ one, timezone }: { one: Abandonment; timezone: string }) {
  const site = useSite();
  const facts: [string, string | null][] = [
    ['Rule', `${one.rule} (version ${one.ruleVersion})`],
    ['E-mail', one.email],
    ['Page', one.path],
    ['Key', one.key || null],
    ['Value', formatMoney(one.value, one.currency)],
    ['Source', one.source || 'direct'],
    ['From', [one.country && formatCountry(one.country), one.device].filter(Boolean).join(', ') || null],
    ['Showed intent', formatInstant(one.occurredAt, timezone)],
    [one.state === 'waiting' ? 'Decided at' : 'Wait ended', formatInstant(one.dueAt, timezone)],
    ['Recovered', one.recoveredAt ? formatInstant(one.recoveredAt, timezone) : null],
    ['Recovered money', formatMoney(one.recoveredValue, one.currency)],
    ['Visitor', one.visitor],
    ['Lead', one.leadId],
  ];
  return (
    <Stack gap="xl">
      <div>
        <CaseStateMark state={one.state} />
        {one.reason ? (
          <Text size="sm" c="dimmed">
            {reasonName(one.reason)}
          </Text>
        ) : null}
        <dl className={classes.facts}>
          {facts.map(([name, value]) =>
            value === null ? null : (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
          )}
        </dl>
      </div>
      <section>
        <Title order={3} mb="xs">
          What they did
        </Title>
        <CaseTimeline events={one.timeline} intentAt={one.occurredAt} timezone={timezone} />
      </section>
      <section>
        <Title order={3} mb="xs">
          What was decided
        </Title>
        <ol className={classes.timeline}>
          {one.history.map((entry) => (
            <li key={`${entry.at} ${entry.state}`}>
              <time dateTime={entry.at}>{formatMoment(entry.at, timezone)}</time>
              <span>
                <b>{caseStateNames[entry.state]}</b>
                <small>{[reasonName(entry.reason), entry.note].filter(Boolean).join(' · ')}</small>
              </span>
            </li>
          ))}
        </ol>
      </section>
      <section>
        <Title order={3} mb="xs">
          Why
        </Title>
        {one.checks.length > 0 ? (
          <CaseChecks checks={one.checks} timezone={timezone} />
        ) : (
          <Text size="sm" c="dimmed">
            {one.state === 'waiting'
              ? `Decided when the wait is over, ${formatRelative(one.dueAt, Date.now())}.`
              : 'The checks of this case were not kept.'}
          </Text>
        )}
        <Text size="sm" mt="xs">
          <Link
            to="/sites/$site/leaks"
            params={{ site: site.id }}
            search={{ part: 'cases', why: one.ruleId, who: one.visitor }}
          >
            All intents of this person
          </Link>
        </Text>
      </section>
      <section>
        <Title order={3} mb="xs">
          What was sent
        </Title>
        {one.deliveries.length === 0 ? (
          <Text size="sm" c="dimmed">
            No webhook so far.
          </Text>
        ) : (
          <ul className={webhookClasses.list}>
            {one.deliveries.map((delivery) => (
              <DeliveryItem key={delivery.id} delivery={delivery} timezone={timezone} />
            ))}
          </ul>
        )}
      </section>
    </Stack>
  );
}
