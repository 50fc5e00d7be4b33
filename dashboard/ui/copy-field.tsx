import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './copy-field.module.css';

/** Code or a secret with a button that copies it. */
export function CopyField({ value, label }: { value: string; label: string }) {
  return (
    <div className={classes.field}>
      <code className={classes.code}>{value}</code>
      <CopyButton value={value} timeout={2_000}>
        {({ copied, copy }) => (
          <Button
            size="xs"
            variant={copied ? 'light' : 'filled'}
            onClick={copy}
            aria-label={copied ? `${label} copied` : `Copy ${label}`}
            leftSection={copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
          >
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
