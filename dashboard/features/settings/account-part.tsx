import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { request } from '../../api/client.ts';
import { meQuery } from '../../api/queries.ts';
import { FailedAttempt } from '../../ui/failed-attempt.tsx';
import { notifySaved } from '../../ui/notify.tsx';
import { Panel } from '../../ui/panel.tsx';
import classes from './settings.module.css';

export function AccountPart() {
  const me = useQuery(meQuery());
  const form = useForm({
    initialValues: { current: '', password: '' },
    validate: { password: (text) => (text.length < 10 ? 'Use at least 10 characters.' : null) },
  });
  const change = useMutation({
    mutationFn: (body: typeof form.values) => request('PATCH', '/me/password', { body }),
    onSuccess: () => {
      form.reset();
      notifySaved('Password changed. Other browsers are signed out.');
    },
  });
  return (
    <Stack gap="lg" className={classes.narrow}>
      <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
        <Panel title="Change password">
          <Stack gap="md">
            <Text size="sm" c="dimmed">
              Signed in as {me.data?.user.email}.
            </Text>
            <FailedAttempt of={change} />
            {/* Tells password managers whose password this is. */}
            <input type="text" autoComplete="username" value={me.data?.user.email ?? ''} readOnly hidden />
            <PasswordInput
              label="Current password"
              autoComplete="current-password"
              {...form.getInputProps('current')}
            />
            <PasswordInput
              label="New password"
              description="At least 10 characters."
              autoComplete="new-password"
              {...form.getInputProps('password')}
            />
            <Group justify="flex-end">
              <Button type="submit" loading={change.isPending}>
                Change password
              </Button>
            </Group>
          </Stack>
        </Panel>
      </form>
      {me.data ? (
        <Text size="xs" c="dimmed">
          Telltale {me.data.version}
        </Text>
      ) : null}
    </Stack>
  );
}
