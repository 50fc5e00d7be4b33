import { ActionIcon, Tooltip } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';

/** A question mark that explains a number: on hover, on focus, on touch. */
export function Hint({ about, children }: { about: string; children: string }) {
  return (
    <Tooltip label={children}>
      <ActionIcon size={24} radius="xl" aria-label={`${about}: ${children}`}>
        <IconInfoCircle size={15} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}
