import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { CopyField } from './copy-field.tsx';

/** Shows a secret the one time it can be seen. */
export function SecretModal({
  secret,
  title,
  children,
  onClose,
}: {
  secret: string | null;
  title: string;
  children: string;
  onClose: () => void;
}) {
  return (
    <Modal opened={secret !== null} onClose={onClose} title={title} closeOnClickOutside={false}>
      <Stack gap="md">
        <Text size="sm">{children}</Text>
        <CopyField value={secret ?? ''} label="secret" />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            I have stored it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
