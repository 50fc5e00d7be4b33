import { Anchor, Container, Stack, Text, Title } from '@mantine/core';
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { ErrorState } from '../ui/error-state.tsx';
import { Mark } from './mark.tsx';

/** Shown where a screen could not even start. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <Container size="xs" py={96} component="main">
      <Stack gap="lg">
        <Mark size={40} />
        <Title order={1}>Something is in the way</Title>
        <ErrorState
          error={error}
          onRetry={() => {
            reset();
            void router.invalidate();
          }}
        />
      </Stack>
    </Container>
  );
}

export function NotFound() {
  return (
    <Container size="xs" py={96} component="main">
      <Stack gap="md" align="flex-start">
        <Mark size={40} />
        <Title order={1}>There is nothing here</Title>
        <Text>The address may be mistyped, or the site was deleted.</Text>
        <Anchor component={Link} to="/">
          Go to your sites
        </Anchor>
      </Stack>
    </Container>
  );
}
