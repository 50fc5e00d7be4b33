import { Button, Group } from '@mantine/core';

/** The button at the end of a form of settings: there is nothing to save until something was changed. */
export function SaveChanges({ changed, busy }: { changed: boolean; busy: boolean }) {
  return (
    <Group justify="flex-end">
      <Button type="submit" loading={busy} disabled={!changed}>
        Save changes
      </Button>
    </Group>
  );
}
