import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Hint } from './hint.tsx';
import classes from './panel.module.css';

/** A box with a hairline. `flush` leaves the padding to the content. */
export function Panel({
  title,
  hint,
  aside,
  flush = false,
  children,
}: {
  title?: string;
  hint?: string;
  aside?: ReactNode;
  flush?: boolean;
  children: ReactNode;
}) {
  return (
    <section className={classes.panel} data-flush={flush || undefined} {...(title ? { 'aria-label': title } : {})}>
      {title || aside ? (
        <div className={classes.head}>
          {title ? (
            <div className={classes.title}>
              <Title order={2}>{title}</Title>
              {hint ? <Hint about={title}>{hint}</Hint> : null}
            </div>
          ) : null}
          {aside}
        </div>
      ) : null}
      {children}
    </section>
  );
}
