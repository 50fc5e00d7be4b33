import { ActionIcon, Button } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { Page } from '../../shell/page.tsx';
import { useSite } from '../../shell/use-site.ts';
import { BalancePanel } from './balance-panel.tsx';
import { type Counted, CountedDrawer } from './counted-drawer.tsx';
import {
  countNames,
  leakReasonNames,
  originName,
  termNames,
  thisWeek,
  type WeekSearch,
  weekAfter,
  weekBefore,
  weekName,
} from './data.ts';
import { QuestionsPanel } from './questions-panel.tsx';
import { SilencePanel } from './silence-panel.tsx';
import classes from './week.module.css';

const route = getRouteApi('/signed-in/sites/$site/week');

/** Where every lead of a week is, and the six questions that are asked of it. */
export function WeekScreen() {
  const site = useSite();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = thisWeek(site.timezone, Date.now());
  const week = search.week ?? now;
  const go = (next: string) => void navigate({ search: (old) => ({ ...old, week: next === now ? undefined : next }) });
  const open = (change: WeekSearch) =>
    void navigate({
      search: (old) => ({
        ...old,
        of: undefined,
        reason: undefined,
        count: undefined,
        source: undefined,
        channel: undefined,
        silent: undefined,
        ...change,
      }),
      resetScroll: false,
    });
  return (
    <Page
      title={week === now ? 'This week' : 'Week'}
      lead={weekName(week)}
      aside={
        <div className={classes.picker}>
          <ActionIcon size="lg" variant="default" aria-label="The week before" onClick={() => go(weekBefore(week))}>
            <IconChevronLeft size={18} />
          </ActionIcon>
          <Button variant="default" disabled={week === now} onClick={() => go(now)}>
            This week
          </Button>
          <ActionIcon
            size="lg"
            variant="default"
            aria-label="The week after"
            disabled={week >= now}
            onClick={() => go(weekAfter(week))}
          >
            <IconChevronRight size={18} />
          </ActionIcon>
        </div>
      }
    >
      <BalancePanel week={week} onOpen={open} />
      <QuestionsPanel week={week} onOpen={open} />
      <SilencePanel open={search.silent} onOpen={(silent) => open({ silent })} />
      <CountedDrawer counted={openNumber(search, week)} onClose={() => open({})} />
    </Page>
  );
}

/** The number whose names are open. */
function openNumber({ of, reason, count, source, channel }: WeekSearch, week: string): Counted | null {
  if (of !== undefined) {
    const because = reason === undefined ? '' : `: ${leakReasonNames[reason].toLowerCase()}`;
    return { of: 'balance', question: { week, of, reason }, title: `${termNames[of]}${because}` };
  }
  if (count === undefined) return null;
  const from = source === undefined ? '' : `: ${originName(source, channel ?? '')}`;
  return { of: 'weekly', question: { week, of: count, source, channel }, title: `Who ${countNames[count]}${from}` };
}
