import { Group, Input, SegmentedControl, Select, Skeleton, Stack, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { limits } from '../../../collector/contract/limits.ts';
import type { WebhookEvent } from '../../../collector/contract/names.ts';
import { presetsQuery, previewQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Body } from './body.tsx';
import { prettyBody, templateProblem, webhookEventNames } from './data.ts';
import classes from './webhooks.module.css';

/** What is sent: the message itself, or what a template makes of it, with what the receiver would get beside it. */
export function TemplateEditor({
  template,
  events,
  problem,
  onChange,
}: {
  template: string | null;
  /** The messages that this endpoint gets; empty: all that are addressed to it. */
  events: WebhookEvent[];
  /** What the server said when it was to be saved. */
  problem: string | undefined;
  onChange: (template: string | null) => void;
}) {
  const site = useSite();
  const presets = useQuery(presetsQuery(site.id));
  const [wanted, setWanted] = useState<WebhookEvent | null>(null);
  const [from, setFrom] = useState<'latest' | 'sample'>('latest');
  const offered = events.length > 0 ? events : (['abandonment.created', 'abandonment.recovered'] as WebhookEvent[]);
  const event = wanted && offered.includes(wanted) ? wanted : (offered[0] ?? 'abandonment.created');
  const [asked] = useDebouncedValue(template, 400);
  const isEmpty = asked !== null && asked.trim() === '';
  const preview = useQuery({
    ...previewQuery(site.id, { template: asked, event, ...(from === 'latest' ? { case: 'latest' } : {}) }),
    enabled: !isEmpty,
  });
  const items = presets.data?.items ?? [];
  const preset = items.find((one) => one.template === template);
  const problems = isEmpty
    ? ['Write a template, or choose “As it is”.']
    : (preview.data?.problems ?? []).map(templateProblem);
  const wrong = template === null ? problem : problems.length > 0 ? problems.join('\n') : problem;
  return (
    <Stack gap="sm">
      <Select
        label="What is sent"
        description={preset?.description ?? 'A template of your own.'}
        data={[
          ...items.map((one) => ({ value: one.id, label: one.name })),
          { value: 'own', label: 'A template of my own' },
        ]}
        value={preset?.id ?? 'own'}
        allowDeselect={false}
        onChange={(next) => {
          const chosen = items.find((one) => one.id === next);
          if (chosen) onChange(chosen.template);
          else onChange(template ?? '{\n  "text": "{{ data.rule }}: {{ data.name | default: data.email }}"\n}\n');
        }}
      />
      {template === null ? null : (
        <Textarea
          label="Template"
          description="JSON with Liquid: {{ data.email }} is the e-mail address, {% if data.value %} … {% endif %} asks for a value."
          autosize
          minRows={6}
          maxRows={16}
          maxLength={limits.templateLength}
          spellCheck={false}
          classNames={{ input: classes.code }}
          value={template}
          error={wrong ? <span className={classes.problems}>{wrong}</span> : undefined}
          onChange={(change) => onChange(change.currentTarget.value)}
        />
      )}
      <Input.Wrapper label="Preview" labelElement="div">
        <Group gap="sm" mt={6} mb={6}>
          <SegmentedControl
            size="xs"
            aria-label="Preview with"
            value={from}
            data={[
              { value: 'latest', label: 'Newest case' },
              { value: 'sample', label: 'Made-up sample' },
            ]}
            onChange={(next) => setFrom(next === 'sample' ? 'sample' : 'latest')}
          />
          {offered.length > 1 ? (
            <Select
              size="xs"
              aria-label="Message to preview"
              w={190}
              data={offered.map((value) => ({ value, label: webhookEventNames[value] }))}
              value={event}
              allowDeselect={false}
              onChange={(next) => setWanted(offered.find((name) => name === next) ?? null)}
            />
          ) : null}
        </Group>
        {preview.isError ? (
          <ErrorState error={preview.error} onRetry={() => void preview.refetch()} />
        ) : isEmpty ? null : preview.data ? (
          <>
            {from === 'latest' && preview.data.caseId === null ? (
              <Text size="xs" c="dimmed">
                There is no such case yet, so this is the made-up sample.
              </Text>
            ) : null}
            {preview.data.body === null ? (
              <Text size="sm" c="dimmed">
                There is nothing to show until the template is right.
              </Text>
            ) : (
              <Body>{prettyBody(preview.data.body)}</Body>
            )}
          </>
        ) : (
          <Skeleton height={120} />
        )}
      </Input.Wrapper>
    </Stack>
  );
}
