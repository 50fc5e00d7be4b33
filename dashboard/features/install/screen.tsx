import { Button, Group, Stack, Tabs, Text } from '@mantine/core';
import { IconCircleCheck, IconDroplet } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { sitesQuery } from '../../api/queries.ts';
import { formatClock, formatCountry } from '../../format.ts';
import { Page } from '../../shell/page.tsx';
import { useSite } from '../../shell/use-site.ts';
import { CopyField } from '../../ui/copy-field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { dropSentence, scriptTag } from './data.ts';
import classes from './install.module.css';
import { useLive } from './use-live.ts';

/** The tag, where it goes, and proof that it works. */
export function InstallScreen() {
  const site = useSite();
  const tag = scriptTag(window.location.origin, site.id);
  return (
    <Page title="Install" lead="One line, and nothing else to configure.">
      <div className={classes.columns}>
        <Panel title="1. Paste this tag into your website">
          <Stack gap="md">
            <CopyField value={tag} label="tag" />
            <Tabs defaultValue="html" keepMounted={false}>
              <Tabs.List aria-label="Where to paste it">
                <Tabs.Tab value="html">HTML</Tabs.Tab>
                <Tabs.Tab value="gtm">Tag Manager</Tabs.Tab>
                <Tabs.Tab value="wordpress">WordPress</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="html" pt="md">
                <Text size="sm">
                  Paste it into the <code>&lt;head&gt;</code> of every page, best in the template that all pages share.
                  Pages that change without reloading (React, Vue, and the like) are recognised.
                </Text>
              </Tabs.Panel>
              <Tabs.Panel value="gtm" pt="md">
                <Text size="sm">
                  In Google Tag Manager: Tags → New → Custom HTML, paste the tag, choose the trigger “All Pages”, save,
                  and publish the container.
                </Text>
              </Tabs.Panel>
              <Tabs.Panel value="wordpress" pt="md">
                <Text size="sm">
                  With a plugin for header code (for example WPCode): Code Snippets → Header &amp; Footer, paste the tag
                  under “Header”, save. Then empty the page cache.
                </Text>
              </Tabs.Panel>
            </Tabs>
          </Stack>
        </Panel>
        <LiveCheck />
      </div>
    </Page>
  );
}

/** Listens until the first event arrives, and says why when one was turned away. */
function LiveCheck() {
  const site = useSite();
  const { events, connected } = useLive(site.id);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const keptOne = events.some((event) => !event.dropped);
  const works = keptOne || site.firstEventAt !== null;
  const newest = events[0];
  const trouble = newest?.dropped && !keptOne ? dropSentence(newest.dropped.reason) : null;

  useEffect(() => {
    if (keptOne && site.firstEventAt === null) void queryClient.invalidateQueries({ queryKey: sitesQuery().queryKey });
  }, [keptOne, site.firstEventAt, queryClient]);

  return (
    <Panel title="2. Open your website">
      <Stack gap="md">
        <div className={classes.status} data-state={works ? 'works' : trouble ? 'trouble' : 'waiting'} role="status">
          {works ? (
            <IconCircleCheck size={26} stroke={1.6} aria-hidden="true" />
          ) : (
            <IconDroplet size={26} stroke={1.6} aria-hidden="true" />
          )}
          <div>
            <Text fw={550}>
              {works ? 'It works' : trouble ? 'A hit arrived, but was not kept' : 'Waiting for the first event…'}
            </Text>
            <Text size="sm">
              {works
                ? `Events of ${site.domains[0] ?? site.name} are arriving. You can leave this page.`
                : trouble
                  ? `${trouble.what} ${trouble.todo}${newest?.dropped?.detail ? ` (${newest.dropped.detail})` : ''}`
                  : connected
                    ? `Open ${site.domains[0] ?? 'your website'} in another tab. It shows up here within a second.`
                    : 'Connecting to the server…'}
            </Text>
          </div>
        </div>
        {events.length > 0 ? (
          <ol className={classes.events} aria-label="Latest events">
            {events.map((event) => (
              <li key={event.arrival} className={classes.event}>
                <span className={classes.time}>{formatClock(event.at, site.timezone)}</span>
                <span className={classes.what}>
                  <b>{event.name}</b> {event.path}
                  {event.dropped ? (
                    <span className={classes.dropped}>
                      not kept: {dropSentence(event.dropped.reason).what} {dropSentence(event.dropped.reason).todo}
                    </span>
                  ) : (
                    <span className={classes.about}>
                      {[event.country && formatCountry(event.country), event.device, event.source]
                        .filter(Boolean)
                        .join(' · ')}
                    </span>
                  )}
                </span>
              </li>
            ))}
          </ol>
        ) : null}
        {works ? (
          <Group>
            <Button onClick={() => void navigate({ to: '/sites/$site/overview', params: { site: site.id } })}>
              See the overview
            </Button>
            <Button
              variant="default"
              onClick={() => void navigate({ to: '/sites/$site/funnels', params: { site: site.id } })}
            >
              Build a funnel
            </Button>
          </Group>
        ) : (
          <details className={classes.help}>
            <summary>Nothing arrives?</summary>
            <ul>
              <li>Is the tag in the page? View the source of your page and search for “/t/{site.id}.js”.</li>
              <li>A content blocker or a strict content security policy may stop it. The browser's console says so.</li>
              <li>An old copy may be in a cache: reload with Ctrl or ⌘ + Shift + R.</li>
              <li>A consent banner may hold the tag back until you agree.</li>
            </ul>
          </details>
        )}
      </Stack>
    </Panel>
  );
}
