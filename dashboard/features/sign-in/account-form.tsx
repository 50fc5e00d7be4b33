import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { FailedAttempt } from '../../ui/failed-attempt.tsx';

export interface Account {
  email: string;
  password: string;
}

/** Address and password. `isNew`: the account is made with them, so the password is checked here and password managers offer one. */
export function AccountForm({
  isNew = false,
  action,
  attempt,
}: {
  isNew?: boolean;
  action: string;
  attempt: { mutate: (account: Account) => void; isPending: boolean; isError: boolean; error: Error | null };
}) {
  const form = useForm<Account>({
    initialValues: { email: '', password: '' },
    validate: {
      password: (text) =>
        isNew && text.length < 10 ? 'Use at least 10 characters. Three or four words make a good one.' : null,
    },
  });
  return (
    <form onSubmit={form.onSubmit((account) => attempt.mutate(account))}>
      <Stack gap="md">
        <FailedAttempt of={attempt} />
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label="Password"
          description={isNew ? 'At least 10 characters.' : undefined}
          autoComplete={isNew ? 'new-password' : 'current-password'}
          required
          withAsterisk={false}
          {...form.getInputProps('password')}
        />
        <Button type="submit" loading={attempt.isPending}>
          {action}
        </Button>
      </Stack>
    </form>
  );
}
