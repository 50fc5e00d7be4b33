import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { ApiError } from '../api/client.ts';

const closeButtonProps = { 'aria-label': 'Close' };

/** "Saved": short, gone by itself. */
export function notifySaved(message: string): void {
  notifications.show({ message, color: 'verdigris', closeButtonProps });
}

/** What was done, with a button that takes it back. */
export function notifyUndo(message: string, undo: () => void): void {
  const id = `undo-${Date.now()}`;
  notifications.show({
    id,
    color: 'verdigris',
    autoClose: 9_000,
    closeButtonProps,
    message: (
      <Group justify="space-between" gap="sm" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          Undo
        </Button>
      </Group>
    ),
  });
}

/** What could not be done and why. */
export function notifyFailed(error: unknown): void {
  notifications.show({
    color: 'copper',
    title: 'This did not work',
    message: errorText(error),
    autoClose: 12_000,
    closeButtonProps,
  });
}

/** One sentence for a person, with the first wrong place where the server named one. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return 'Something unexpected happened. Try again.';
  const [detail, ...others] = error.details;
  if (!detail) return error.message;
  // Of a table the line has to be found, and often there are more.
  if (!detail.path.startsWith('line ')) return detail.message;
  const more = others.length === 0 ? '' : ` And ${others.length} more.`;
  return `L${detail.path.slice(1)}: ${detail.message}${more}`;
}
