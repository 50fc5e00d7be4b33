import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { ProgressAnswer } from '../../collector/contract/overview.ts';
import { ApiError, request, runningQuestions } from '../api/client.ts';
import type { RunningQuestion } from '../api/running-questions.ts';
import { notifyFailed } from '../ui/notify.tsx';
import { progressWords, slowQuestions } from './progress-data.ts';
import classes from './slow-questions.module.css';

const pollMs = 700;

/** How far the questions are that take long, and a way to end them. Nothing while all are quick, or where it cannot be known. */
export function SlowQuestions() {
  const running = useSyncExternalStore(runningQuestions.subscribe, runningQuestions.list);
  const [now, setNow] = useState(0);
  const { slow, nextInMs } = slowQuestions(running, Math.max(now, Date.now()));
  useEffect(() => {
    if (nextInMs === null) return;
    const timer = setTimeout(() => setNow(Date.now()), nextInMs);
    return () => clearTimeout(timer);
  }, [nextInMs]);
  return slow.length === 0 ? null : <Bar slow={slow} />;
}

function Bar({ slow }: { slow: RunningQuestion[] }) {
  const progress = useQuery({
    queryKey: ['progress'],
    gcTime: 0,
    retry: false,
    refetchInterval: pollMs,
    queryFn: ({ signal }) => Promise.all(slow.map((one) => progressOf(one, signal))),
  });
  const cancel = useMutation({
    mutationFn: () => Promise.all(slow.map(({ site, id }) => request('DELETE', `/sites/${site}/progress/${id}`))),
    onError: notifyFailed,
  });
  const known = progress.data?.flatMap((one) => one ?? []) ?? [];
  if (known.length === 0) return null;
  const { text, share } = progressWords(known);
  return (
    <section className={classes.bar} aria-label="Slow question">
      <div className={classes.words}>
        <span role="status">This takes a while.</span> <span className={classes.rows}>{text}</span>
        {share === null ? null : (
          <div className={classes.track} aria-hidden="true">
            <div className={classes.done} style={{ width: `${share * 100}%` }} />
          </div>
        )}
      </div>
      <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
        Cancel
      </Button>
    </section>
  );
}

/** Null where the server does not know the question (any more). */
async function progressOf({ site, id }: RunningQuestion, signal: AbortSignal): Promise<ProgressAnswer | null> {
  try {
    return await request<ProgressAnswer>('GET', `/sites/${site}/progress/${id}`, { signal });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
