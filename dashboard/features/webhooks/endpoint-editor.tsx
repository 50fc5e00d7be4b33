import { Alert, Button, Group, Modal, MultiSelect, Stack, Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { WebhookEvent } from '../../../collector/contract/names.ts';
import type { StoredEndpoint } from '../../../collector/contract/webhooks.ts';
import { ApiError, request } from '../../api/client.ts';
import { endpointsQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { errorText, notifySaved } from '../../ui/notify.tsx';
import { problemAt, subscribable, toHeaders, webhookEventNames } from './data.ts';
import { HeaderEditor } from './header-editor.tsx';
import { TemplateEditor } from './template-editor.tsx';

export function EndpointEditor({
  endpoint,
  onClose,
  onCreated,
}: {
  endpoint: StoredEndpoint | 'new' | null;
  onClose: () => void;
  onCreated: (secret: string) => void;
}) {
  return (
    <Modal
      opened={endpoint !== null}
      onClose={onClose}
      size={680}
      title={endpoint === 'new' ? 'Add endpoint' : 'Edit endpoint'}
    >
      {endpoint === null ? null : (
        <Form endpoint={endpoint === 'new' ? null : endpoint} onClose={onClose} onCreated={onCreated} />
      )}
    </Modal>
  );
}

function Form({
  endpoint,
  onClose,
  onCreated,
}: {
  endpoint: StoredEndpoint | null;
  onClose: () => void;
  onCreated: (secret: string) => void;
}) {
  const site = useSite();
  const queryClient = useQueryClient();
  const [name, setName] = useState(endpoint?.name ?? '');
  const [url, setUrl] = useState(endpoint?.url ?? '');
  const [events, setEvents] = useState<WebhookEvent[]>([...(endpoint?.events ?? [])]);
  const [template, setTemplate] = useState(endpoint?.template ?? null);
  const [headers, setHeaders] = useState(
    Object.entries(endpoint?.headers ?? {}).map(([header, value]) => ({ name: header, value })),
  );
  const [enabled, setEnabled] = useState(endpoint?.enabled ?? true);
  const [tried, setTried] = useState(false);
  const base = `/sites/${site.id}/endpoints`;
  const noName = name.trim() === '' ? 'Give it a name, such as “Follow-up in Make”.' : undefined;
  const noUrl = /^https?:\/\/[^\s/]+/.test(url.trim())
    ? undefined
    : 'Paste the whole address, beginning with https://.';
  const written = { name: name.trim(), url: url.trim(), events, template, headers: toHeaders(headers), enabled };
  const save = useMutation({
    mutationFn: ({ isTested }: { isTested: boolean }) => {
      const suffix = isTested ? '' : '?test=false';
      return endpoint === null
        ? request<StoredEndpoint & { secret?: string }>('POST', `${base}${suffix}`, { body: written })
        : request<StoredEndpoint & { secret?: string }>('PATCH', `${base}/${endpoint.id}${suffix}`, {
            // Headers that did not change are left out, so that nothing is tested again for a new name.
            body: {
              ...written,
              headers:
                JSON.stringify(written.headers) === JSON.stringify(endpoint.headers) ? undefined : written.headers,
            },
          });
    },
    onSuccess: async (answer) => {
      await queryClient.invalidateQueries({ queryKey: endpointsQuery(site.id).queryKey });
      if (answer.secret) return onCreated(answer.secret);
      notifySaved('Endpoint saved.');
      onClose();
    },
  });
  const failedTest = save.error instanceof ApiError && save.error.code === 'endpoint_failed';
  const problem = (place: string) => problemAt(save.error, place);
  const isPlaced = ['name', 'template', 'headers', 'events'].some((place) => problem(place) !== undefined);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!noName && !noUrl) save.mutate({ isTested: true });
      }}
    >
      <Stack gap="md">
        {save.isError && !isPlaced ? (
          <Alert color="copper" role="alert" title={failedTest ? 'The test message did not arrive' : undefined}>
            {errorText(save.error)}
            {failedTest ? (
              <div>
                <Button
                  mt="sm"
                  size="xs"
                  variant="default"
                  loading={save.isPending}
                  onClick={() => save.mutate({ isTested: false })}
                >
                  Save without a test
                </Button>
              </div>
            ) : null}
          </Alert>
        ) : null}
        <TextInput
          label="Name"
          placeholder="Follow-up in Make"
          maxLength={120}
          data-autofocus
          value={name}
          error={(tried ? noName : undefined) ?? problem('name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="URL"
          description="Before it is saved it gets one test message."
          placeholder="https://hook.example.com/…"
          inputMode="url"
          value={url}
          error={(tried ? noUrl : undefined) ?? (problem('url') ? true : undefined)}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <MultiSelect
          label="Messages"
          description="Leave empty to get all that are addressed to it."
          data={subscribable.map((value) => ({ value, label: `${webhookEventNames[value]} (${value})` }))}
          value={events}
          error={problem('events')}
          onChange={(next) => setEvents(subscribable.filter((event) => next.includes(event)))}
        />
        <TemplateEditor template={template} events={events} problem={problem('template')} onChange={setTemplate} />
        <HeaderEditor
          rows={headers}
          problem={(header) => problem(`headers.${header}`)}
          onChange={(next) => {
            setHeaders(next);
            save.reset();
          }}
        />
        <Group justify="space-between" gap="sm">
          <Switch label="On" checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
          <Group gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              {endpoint === null ? 'Add endpoint' : 'Save'}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
