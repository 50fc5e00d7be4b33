import { ActionIcon } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';

/** Takes a row out of what is being edited. `label` names the row; `mt` moves the button down to fields that stand below their label. */
export function RemoveRow({ label, mt, onClick }: { label: string; mt?: number; onClick: () => void }) {
  return (
    <ActionIcon {...(mt === undefined ? {} : { mt })} aria-label={label} onClick={onClick}>
      <IconTrash size={16} stroke={1.6} />
    </ActionIcon>
  );
}
