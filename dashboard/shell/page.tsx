import { Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import classes from './page.module.css';
import { useSite } from './use-site.ts';

/** Title line of a screen, with what belongs beside it, and the screen below. */
export function Page({
  title,
  lead,
  aside,
  children,
}: {
  title: string;
  lead?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}) {
  const site = useSite();
  useEffect(() => {
    document.title = `${title} · ${site.name} · Telltale`;
  }, [title, site.name]);
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <div className={classes.words}>
          <Title order={1}>{title}</Title>
          {lead ? <div className={classes.lead}>{lead}</div> : null}
        </div>
        {aside ? <div className={classes.aside}>{aside}</div> : null}
      </div>
      {children}
    </div>
  );
}
