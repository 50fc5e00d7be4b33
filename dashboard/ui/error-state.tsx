import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { ApiError } from '../api/client.ts';

/** What went wrong, what to do, and a button to try again. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const known = error instanceof ApiError ? error : null;
  return (
    <Alert color="copper" title="This could not be loaded" role="alert">
      <Stack gap="xs">
        <Text size="sm">
          {known?.message ??
            'Something unexpected happened on this page. Reload it; if it stays, tell us what you did.'}
        </Text>
        {known && known.details.length > 0 ? (
          <List size="sm">
            {known.details.map((detail) => (
              <List.Item key={`${detail.path} ${detail.message}`}>
                {detail.path ? `${detail.path}: ` : ''}
                {detail.message}
              </List.Item>
            ))}
          </List>
        ) : null}
        <Group gap="md">
          {onRetry ? (
            <Button size="xs" variant="default" onClick={onRetry}>
              Try again
            </Button>
          ) : null}
          {known?.requestId ? (
            <Text size="xs" c="dimmed">
              Request {known.requestId}
            </Text>
          ) : null}
        </Group>
      </Stack>
    </Alert>
  );
}
