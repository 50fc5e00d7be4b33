import { ActionIcon, Button, SegmentedControl, Text, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconCalendarEvent, IconChecklist, IconMail, IconPhone, IconWorld } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { LeadDetail, TimelineEntry } from '../../../collector/contract/lead-answers.ts';
import { leadTimelineQuery } from '../../api/lead-queries.ts';
import { formatDay, formatMinute } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Wide } from '../../ui/wide.tsx';
import { Lines } from '../funnels/people-list.tsx';
import { dateIn } from '../range/data.ts';
import classes from './lead-page.module.css';
import { type TimelinePart, timelineParts } from './search.ts';
import { byWords, type TimelineWords, timelineWords } from './timeline-words.ts';
import { undoable, useLeadChange } from './use-lead-change.ts';
import { useOwners } from './use-owners.ts';

const route = getRouteApi('/signed-in/sites/$site/leads/$lead');

const shownParts = Object.keys(timelineParts) as TimelinePart[];

const partIcons = {
  site: IconWorld,
  calls: IconPhone,
  mails: IconMail,
  meetings: IconCalendarEvent,
  work: IconChecklist,
} as const;

/** Everything that is known of a person, newest first: the website, calls, mails, meetings, and the work of the house. */
export function LeadTimeline({ lead }: { lead: LeadDetail }) {
  const site = useSite();
  const { show = 'all' } = route.useSearch();
  const navigate = route.useNavigate();
  const owners = useOwners();
  const timeline = useInfiniteQuery(leadTimelineQuery(site.id, lead.id));
  const items = timeline.data?.pages.flatMap((page) => page.items) ?? [];
  const naming = { ownerName: owners.nameOf, timezone: site.timezone };
  const shown = items
    .map((entry) => ({ entry, words: timelineWords(entry, naming) }))
    .filter(({ words }) => show === 'all' || words.part === show);
  const days = byDay(shown, site.timezone);
  return (
    <Panel title="Timeline">
      <Wide label="What of the timeline is shown">
        <SegmentedControl
          size="xs"
          aria-label="Show of the timeline"
          value={show}
          data={Object.entries(timelineParts).map(([value, label]) => ({ value, label }))}
          onChange={(next) =>
            void navigate({
              search: (old) => ({ ...old, show: shownParts.find((part) => part === next && part !== 'all') }),
              resetScroll: false,
              replace: true,
            })
          }
        />
      </Wide>
      {timeline.isError && !timeline.data ? (
        <ErrorState error={timeline.error} onRetry={() => void timeline.refetch()} />
      ) : !timeline.data ? (
        <Lines />
      ) : shown.length === 0 ? (
        <Text size="sm" c="dimmed" py="md">
          {items.length === 0 ? 'Nothing is known yet.' : 'Nothing of this kind here.'}
        </Text>
      ) : (
        days.map(({ day, entries }) => (
          <section key={day} aria-label={formatDay(day)}>
            <h3 className={classes.day}>{formatDay(day, new Date().toISOString().slice(0, 4))}</h3>
            <ol className={classes.timeline}>
              {entries.map(({ entry, words }, index) => (
                <Entry
                  // biome-ignore lint/suspicious/noArrayIndexKey: two events of a page may share everything, and the list never changes order.
                  key={index}
                  entry={entry}
                  words={words}
                  leadId={lead.id}
                />
              ))}
            </ol>
          </section>
        ))
      )}
      {timeline.hasNextPage ? (
        <Button
          mt="md"
          variant="default"
          loading={timeline.isFetchingNextPage}
          onClick={() => void timeline.fetchNextPage()}
        >
          Show what was before
        </Button>
      ) : null}
    </Panel>
  );
}

function Entry({ entry, words, leadId }: { entry: TimelineEntry; words: TimelineWords; leadId: string }) {
  const site = useSite();
  const change = useLeadChange();
  const Icon = partIcons[words.part];
  const isLedger = entry.from === 'ledger';
  const undone = isLedger && entry.undone;
  return (
    <li data-part={words.part} data-undone={undone || undefined} data-kind={isLedger ? entry.kind : undefined}>
      <span className={classes.icon}>
        <Icon size={15} stroke={1.6} aria-hidden="true" />
      </span>
      <div className={classes.entry}>
        <b className={classes.title}>{words.title}</b>
        {words.details.length > 0 ? <small>{words.details.join(' · ')}</small> : null}
        {undone ? <small>Taken back</small> : null}
      </div>
      <span className={classes.when}>
        <time dateTime={entry.at}>{formatMinute(entry.at, site.timezone)}</time>
        {isLedger ? <small>{byWords(entry.by)}</small> : null}
      </span>
      {isLedger && !undone && undoable.includes(entry.kind) && entry.by !== 'system' ? (
        <Tooltip label="Take this back">
          <ActionIcon
            size={24}
            aria-label={`Take back: ${words.title}`}
            onClick={() => change.mutate({ id: leadId, action: `undo/${entry.id}`, said: 'Taken back.' })}
          >
            <IconArrowBackUp size={15} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      ) : (
        <span className={classes.noUndo} />
      )}
    </li>
  );
}

interface Shown {
  entry: TimelineEntry;
  words: TimelineWords;
}

function byDay(shown: Shown[], timezone: string): { day: string; entries: Shown[] }[] {
  const days: { day: string; entries: Shown[] }[] = [];
  for (const one of shown) {
    const day = dateIn(timezone, Date.parse(one.entry.at));
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(one);
    else days.push({ day, entries: [one] });
  }
  return days;
}
