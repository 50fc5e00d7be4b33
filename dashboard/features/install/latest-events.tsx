import { Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { sitesQuery } from '../../api/queries.ts';
import { formatClock, formatCountry } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { Panel } from '../../ui/panel.tsx';
import { dropSentence } from './data.ts';
import classes from './install.module.css';
import { stateIcons } from './state-icons.tsx';
import { type Arrival, useLive } from './use-live.ts';

/** Listens until the first event arrives, and says why when one was turned away. */
export function LatestEvents() {
  const site = useSite();
  const { events, connected } = useLive(site.id);
  const queryClient = useQueryClient();
  const keptOne = events.some((event) => !event.dropped);

  useEffect(() => {
    if (keptOne && site.firstEventAt === null) void queryClient.invalidateQueries({ queryKey: sitesQuery().queryKey });
  }, [keptOne, site.firstEventAt, queryClient]);

  return (
    <Panel title="Events as they arrive">
      <Stack gap="md">
        <Standing newest={events[0]} works={keptOne || site.firstEventAt !== null} connected={connected} />
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
      </Stack>
    </Panel>
  );
}

/** `works`: some event was kept, now or earlier. */
function Standing({ newest, works, connected }: { newest: Arrival | undefined; works: boolean; connected: boolean }) {
  const { name, domains } = useSite();
  const dropped = works ? undefined : newest?.dropped;
  const trouble = dropped ? dropSentence(dropped.reason) : null;
  const state = works ? 'ok' : trouble ? 'problem' : 'waiting';
  const headings = {
    ok: 'It works',
    problem: 'A hit arrived, but was not kept',
    waiting: 'Waiting for the first event…',
  };
  return (
    <div className={classes.status} data-state={state} role="status">
      {stateIcons[state]}
      <div>
        <Text fw={550}>{headings[state]}</Text>
        <Text size="sm">
          {works
            ? `Events of ${domains[0] ?? name} are arriving. You can leave this page.`
            : trouble
              ? `${trouble.what} ${trouble.todo}${dropped?.detail ? ` (${dropped.detail})` : ''}`
              : connected
                ? `Open ${domains[0] ?? 'your website'} in another tab. It shows up here within a second.`
                : 'Connecting to the server…'}
        </Text>
      </div>
    </div>
  );
}
