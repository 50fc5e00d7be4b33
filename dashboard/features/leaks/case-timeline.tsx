import { Text } from '@mantine/core';
import type { TimelineEvent } from '../../../collector/contract/abandonment.ts';
import { formatMoment } from '../../format.ts';
import classes from './leaks.module.css';

/** What somebody did, oldest first; the intent is marked. */
export function CaseTimeline({
  events,
  intentAt,
  timezone,
}: {
  events: TimelineEvent[];
  intentAt: string;
  timezone: string;
}) {
  if (events.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        The events of this visit are no longer kept.
      </Text>
    );
  }
  const isIntent = (at: string) => Date.parse(at) === Date.parse(intentAt);
  return (
    <ol className={classes.timeline}>
      {events.map((event, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two events may share time and name, and the list never changes order.
        <li key={index} data-intent={isIntent(event.at) || undefined}>
          <time dateTime={event.at}>{formatMoment(event.at, timezone)}</time>
          <span>
            <b>{event.name === 'pageview' ? event.title || event.path : event.name}</b>
            <small>
              {event.path}
              {Object.entries(event.props).map(([key, value]) => ` · ${key}: ${value}`)}
            </small>
          </span>
        </li>
      ))}
    </ol>
  );
}
