import { Burger, Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { rememberSite } from './last-site.ts';
import { Mark } from './mark.tsx';
import { NotFound } from './route-states.tsx';
import { SideNav } from './side-nav.tsx';
import classes from './site-shell.module.css';
import { SlowQuestions } from './slow-questions.tsx';
import { useMaybeSite } from './use-site.ts';

/** The frame around every screen of a site: navigation at the side, on small screens behind a button. */
export function SiteShell() {
  const site = useMaybeSite();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [menuOpen, menu] = useDisclosure(false);
  const siteId = site?.id;

  useEffect(() => {
    if (siteId) rememberSite(siteId);
  }, [siteId]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new screen closes the menu.
  useEffect(() => menu.close(), [path]);

  if (!site) return <NotFound />;
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <aside className={classes.side}>
        <SideNav site={site} />
      </aside>
      <header className={classes.bar}>
        <span className={classes.brand}>
          <Mark size={24} /> Telltale
        </span>
        <span className={classes.barSite}>{site.name}</span>
        <Burger opened={menuOpen} onClick={menu.toggle} size="sm" aria-label="Menu" />
      </header>
      <Drawer opened={menuOpen} onClose={menu.close} position="left" size={290} title="Menu" padding="md">
        <SideNav site={site} inDrawer />
      </Drawer>
      <main className={classes.main} id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <SlowQuestions />
    </div>
  );
}
