import { Button, List, Skeleton, Stack, Text } from '@mantine/core';
import { IconDownload, IconFilter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Leak, LeaksAnswer } from '../../../collector/contract/leaks.ts';
import { leaksQuery } from '../../api/queries.ts';
import { downloadCsv } from '../../csv.ts';
import { formatCount, formatMoney, formatRate, plural } from '../../format.ts';
import { FilterChips } from '../../shell/filter-chips.tsx';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Hint } from '../../ui/hint.tsx';
import { Panel } from '../../ui/panel.tsx';
import { dateIn } from '../range/data.ts';
import classes from './leaks-report.module.css';
import {
  leakFunnel,
  leakKindHelp,
  leakKindNames,
  leakPlaceNames,
  leakRows,
  leaksSummary,
  lookedSentence,
  moneyAtRisk,
  rateBars,
  sinceWords,
  sureness,
  whoSentence,
} from './report-data.ts';

/** Where more people are lost than usual, worst first. Nothing has to be set up for it. */
export function LeaksReport() {
  const site = useSite();
  const { range, filters } = useQuestion();
  const leaks = useQuery(leaksQuery(site.id, { ...range, ...(filters.length > 0 ? { filters } : {}) }));
  const { data } = leaks;
  const year = dateIn(site.timezone, Date.now()).slice(0, 4);
  return (
    <Stack gap="lg">
      <FilterChips />
      {leaks.isError && !data ? (
        <ErrorState error={leaks.error} onRetry={() => void leaks.refetch()} />
      ) : !data ? (
        <Loading />
      ) : data.items.length === 0 ? (
        <Panel>
          <EmptyState title="No leak stands out">{lookedSentence(data.looked, range, year)}</EmptyState>
        </Panel>
      ) : (
        <>
          <div className={classes.summary}>
            <p aria-live="polite">{leaksSummary(data, site.settings.currency)}</p>
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconDownload size={15} />}
              onClick={() => downloadCsv(`${site.name} leaks ${range.from}`, leakRows(data.items))}
            >
              CSV
            </Button>
          </div>
          <ol className={classes.leaks}>
            {data.items.map((leak) => (
              <LeakCard key={leak.id} leak={leak} through={data.through} year={year} />
            ))}
          </ol>
        </>
      )}
      {data ? <Notes answer={data} /> : null}
    </Stack>
  );
}

function LeakCard({ leak, through, year }: { leak: Leak; through: string; year: string }) {
  const site = useSite();
  const { range, filters } = useQuestion();
  const funnelOf = (options: { segment: boolean; lost: boolean }) =>
    leakFunnel(leak, { range, through, timezone: site.timezone, filters, ...options });
  const whole = funnelOf({ segment: true, lost: false });
  const list = funnelOf({ segment: false, lost: true });
  const sure = sureness(leak.significance);
  const money = formatMoney(moneyAtRisk([leak]), site.settings.currency);
  const lost = plural(leak.lost, 'visit');
  return (
    <li className={classes.leak} data-kind={leak.kind}>
      <div className={classes.words}>
        <div className={classes.badges}>
          <span className={classes.badge} data-kind={leak.kind}>
            {leakKindNames[leak.kind]}
          </span>
          <Hint about={leakKindNames[leak.kind]}>{leakKindHelp[leak.kind]}</Hint>
        </div>
        <h2 className={classes.sentence}>{leak.sentence}</h2>
        <dl className={classes.facts}>
          <div>
            <dt>Where</dt>
            <dd>
              {leak.where} <small>{leakPlaceNames[leak.place]}</small>
            </dd>
          </div>
          <div>
            <dt>Since</dt>
            <dd>{sinceWords(leak.since, year)}</dd>
          </div>
          <div>
            <dt>Who</dt>
            <dd>{whoSentence(leak.who)}</dd>
          </div>
          <div>
            <dt>Lost</dt>
            <dd>
              {list ? (
                <Link to="/sites/$site/funnels" params={{ site: site.id }} search={list} className={classes.number}>
                  {lost}
                </Link>
              ) : (
                lost
              )}{' '}
              of {formatCount(leak.reached)} that came here
            </dd>
          </div>
          {money === null ? null : (
            <div>
              <dt>At risk</dt>
              <dd>about {money}</dd>
            </div>
          )}
          <div>
            <dt>How sure</dt>
            <dd>
              {sure.words} <Hint about={sure.words}>{sure.help}</Hint>
            </dd>
          </div>
        </dl>
      </div>
      <div className={classes.side}>
        <div className={classes.barsTitle}>Went no further</div>
        <ul className={classes.bars}>
          {rateBars(leak).map((bar) => (
            <li key={bar.tone}>
              <span className={classes.barName}>{bar.label}</span>
              <b>{formatRate(bar.rate)}</b>
              <span className={classes.barTrack} aria-hidden="true">
                <span className={classes.bar} data-tone={bar.tone} style={{ width: `${bar.rate * 100}%` }} />
              </span>
            </li>
          ))}
        </ul>
        {whole ? (
          <Link to="/sites/$site/funnels" params={{ site: site.id }} search={whole} className={classes.open}>
            <IconFilter size={16} stroke={1.6} aria-hidden="true" /> Open as funnel
          </Link>
        ) : null}
      </div>
    </li>
  );
}

/** What could not be judged, and how much was looked at. */
function Notes({ answer }: { answer: LeaksAnswer }) {
  return (
    <section className={classes.notes} aria-label="About this report">
      {answer.items.length > 0 ? (
        <Text size="sm">
          {plural(answer.looked, 'place')} compared. What chance alone could explain is left out, and so are the visits
          of the last half hour, which may still go on. Leaks may overlap: who is lost early cannot be lost later.
        </Text>
      ) : null}
      {answer.notes.length > 0 ? (
        <List size="sm">
          {answer.notes.map((note) => (
            <List.Item key={note}>{note}</List.Item>
          ))}
        </List>
      ) : null}
    </section>
  );
}

function Loading() {
  return (
    <Stack gap="lg">
      <Skeleton height={22} width="60%" />
      <Skeleton height={190} />
      <Skeleton height={190} />
    </Stack>
  );
}
