import { Anchor, Button, Drawer, Select, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { WhyAnswer } from '../../../collector/contract/abandonment.ts';
import { rulesQuery, whyQuery } from '../../api/queries.ts';
import { formatInstant } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { CaseChecks } from './case-checks.tsx';
import { whyOutcomes } from './data.ts';

const route = getRouteApi('/signed-in/sites/$site/leaks');

/** "Why did it, or didn't it, write to this person?" The question stands in the address. */
export function CaseWhy() {
  const { why, who } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Drawer
      opened={why !== undefined}
      onClose={() =>
        void navigate({ search: (old) => ({ ...old, why: undefined, who: undefined }), resetScroll: false })
      }
      size={620}
      title="Why did a rule act, or not?"
    >
      {why === undefined ? null : <WhyForm key={`${why} ${who ?? ''}`} why={why} who={who ?? ''} />}
    </Drawer>
  );
}

function WhyForm({ why, who }: { why: string; who: string }) {
  const site = useSite();
  const navigate = route.useNavigate();
  const rules = useQuery(rulesQuery(site.id));
  const items = rules.data?.items ?? [];
  const [rule, setRule] = useState<string | null>(why === 'ask' ? null : why);
  const [person, setPerson] = useState(who);
  const [tried, setTried] = useState(false);
  const chosen = rule ?? items[0]?.id ?? null;
  const isAsked = why !== 'ask' && who !== '';
  const answer = useQuery({ ...whyQuery(site.id, { rule: why, who }), enabled: isAsked });
  return (
    <Stack gap="lg">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          const written = person.trim();
          if (chosen === null || written === '') return;
          void navigate({ search: (old) => ({ ...old, why: chosen, who: written }), resetScroll: false });
        }}
      >
        <Stack gap="md">
          <Select
            label="Rule"
            placeholder={rules.data && items.length === 0 ? 'No rules yet' : 'Choose a rule'}
            data={items.map((one) => ({ value: one.id, label: one.name }))}
            value={chosen}
            allowDeselect={false}
            error={tried && chosen === null ? 'Choose a rule. You can write one under Rules.' : undefined}
            onChange={setRule}
          />
          <TextInput
            label="Visitor or lead"
            description="The number of a visitor, as a case shows it, or the id of a lead."
            value={person}
            data-autofocus
            error={tried && person.trim() === '' ? 'Name a visitor or a lead.' : undefined}
            onChange={(event) => setPerson(event.currentTarget.value)}
          />
          <div>
            <Button type="submit">Show me why</Button>
          </div>
        </Stack>
      </form>
      {!isAsked ? null : answer.isError ? (
        <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />
      ) : answer.data ? (
        <Answer answer={answer.data} timezone={site.timezone} />
      ) : (
        <Skeleton height={200} />
      )}
    </Stack>
  );
}

function Answer({ answer, timezone }: { answer: WhyAnswer; timezone: string }) {
  const navigate = route.useNavigate();
  const open = (id: string) =>
    void navigate({
      search: (old) => ({ ...old, why: undefined, who: undefined, part: 'cases', case: id }),
      resetScroll: false,
    });
  const { lead } = answer;
  const [newest, ...earlier] = answer.intents;
  return (
    <Stack gap="lg">
      <section aria-label="Answer">
        <Title order={3}>{whyOutcomes[answer.outcome]}</Title>
        <Text mt={4}>{answer.sentence}</Text>
        {lead ? (
          <Text size="sm" c="dimmed">
            About {[lead.name, lead.email].filter(Boolean).join(', ') || `the lead ${lead.id}`}.
          </Text>
        ) : null}
        {newest?.caseId ? <OpenCase id={newest.caseId} open={open} /> : null}
      </section>
      {answer.checks.length > 0 ? <CaseChecks checks={answer.checks} timezone={timezone} /> : null}
      {earlier.length > 0 ? (
        <section aria-label="Earlier intents">
          <Title order={3} mb="xs">
            Before that
          </Title>
          <Stack gap="sm">
            {earlier.map((intent) => (
              <div key={`${intent.at} ${intent.key}`}>
                <Text size="sm">
                  <b>{formatInstant(intent.at, timezone)}</b> · {whyOutcomes[intent.outcome]}
                </Text>
                <Text size="sm" c="dimmed">
                  {intent.sentence}
                </Text>
                {intent.caseId ? <OpenCase id={intent.caseId} open={open} /> : null}
              </div>
            ))}
          </Stack>
        </section>
      ) : null}
    </Stack>
  );
}

function OpenCase({ id, open }: { id: string; open: (id: string) => void }) {
  return (
    <Anchor component="button" type="button" size="sm" onClick={() => open(id)}>
      Open the case
    </Anchor>
  );
}
