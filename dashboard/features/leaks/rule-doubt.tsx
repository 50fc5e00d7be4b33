import { Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import classes from './leaks.module.css';

/** A remark at a place of the rule that does not keep it from being saved. */
export function Doubt({ children }: { children: string | undefined }) {
  return children === undefined ? null : (
    <Text size="xs" className={classes.doubt} role="status">
      <IconAlertTriangle className={classes.doubtMark} size={14} aria-hidden="true" /> {children}
    </Text>
  );
}
