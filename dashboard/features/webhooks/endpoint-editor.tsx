import { Alert, Button, Group, Modal, MultiSelect, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { WebhookEvent } from '../../../collector/contract/names.ts';
import type { StoredEndpoint } from '../../../collector/contract/webhooks.ts';
import { request } from '../../api/client.ts';
import { endpointsQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { errorText, notifySaved } from '../../ui/notify.tsx';

/** The types that are sent today; others follow. */
const offered: { value: WebhookEvent; label: string }[] = [
  { value: 'abandonment.created', label: 'Abandoned (abandonment.created)' },
  { value: 'abandonment.recovered', label: 'Recovered (abandonment.recovered)' },
];

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
    <Modal opened={endpoint !== null} onClose={onClose} title={endpoint === 'new' ? 'Add endpoint' : 'Edit endpoint'}>
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
  const form = useForm({
    initialValues: {
      name: endpoint?.name ?? '',
      url: endpoint?.url ?? '',
      events: [...(endpoint?.events ?? [])] as string[],
    },
    validate: {
      name: (text) => (text.trim() === '' ? 'Give it a name, such as “Follow-up in Make”.' : null),
      url: (text) => (/^https?:\/\/[^\s/]+/.test(text) ? null : 'Paste the whole address, beginning with https://.'),
    },
  });
  const save = useMutation({
    mutationFn: (body: typeof form.values) =>
      endpoint === null
        ? request<StoredEndpoint & { secret?: string }>('POST', `/sites/${site.id}/endpoints`, { body })
        : request<StoredEndpoint & { secret?: string }>('PATCH', `/sites/${site.id}/endpoints/${endpoint.id}`, {
            body,
          }),
    onSuccess: async (answer) => {
      await queryClient.invalidateQueries({ queryKey: endpointsQuery(site.id).queryKey });
      if (answer.secret) return onCreated(answer.secret);
      notifySaved('Endpoint saved.');
      onClose();
    },
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) => save.mutate({ ...values, name: values.name.trim(), url: values.url.trim() }))}
    >
      <Stack gap="md">
        {save.isError ? (
          <Alert color="copper" role="alert">
            {errorText(save.error)}
          </Alert>
        ) : null}
        <TextInput
          label="Name"
          placeholder="Follow-up in Make"
          maxLength={120}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <TextInput
          label="URL"
          placeholder="https://hook.example.com/…"
          inputMode="url"
          {...form.getInputProps('url')}
        />
        <MultiSelect
          label="Messages"
          description="Leave empty to get all that are addressed to it."
          data={offered}
          {...form.getInputProps('events')}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            {endpoint === null ? 'Add endpoint' : 'Save'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
