import { Text } from '@mantine/core';
import type { Attempt } from '../../../collector/contract/webhooks.ts';
import { formatCount, formatInstant } from '../../format.ts';
import { Body } from './body.tsx';
import { prettyBody, requestText } from './data.ts';
import classes from './webhooks.module.css';

/** One try: when, what came back, how long it took. The answer is shown as text, never as a page. */
export function AttemptLine({
  attempt,
  timezone,
  open = false,
}: {
  attempt: Attempt;
  timezone: string;
  open?: boolean;
}) {
  const words = attempt.error ?? `Answer ${attempt.status ?? ''}`;
  return (
    <div className={classes.attempt} data-failed={attempt.error !== null || undefined}>
      <Text size="sm">
        <b>{words}</b>{' '}
        <span className={classes.quiet}>
          {formatInstant(attempt.at, timezone)} · {formatCount(attempt.ms)} ms
          {attempt.error !== null && attempt.status !== null ? ` · status ${attempt.status}` : ''}
        </span>
      </Text>
      {attempt.request ? (
        <details className={classes.request}>
          <summary>Request</summary>
          <Body>{requestText(attempt.request)}</Body>
        </details>
      ) : null}
      {attempt.response === '' ? (
        open ? (
          <Text size="xs" c="dimmed">
            The answer had no text.
          </Text>
        ) : null
      ) : (
        <Body>{prettyBody(attempt.response)}</Body>
      )}
    </div>
  );
}
