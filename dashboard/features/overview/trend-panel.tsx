import { Button, Skeleton, Table, UnstyledButton } from '@mantine/core';
import { IconChartLine, IconDownload, IconTable } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import type { Metric } from '../../../collector/contract/names.ts';
import type { OverviewAnswer } from '../../../collector/contract/overview.ts';
import { annotationsQuery } from '../../api/queries.ts';
import { downloadCsv } from '../../csv.ts';
import { formatTick } from '../../format.ts';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { Hint } from '../../ui/hint.tsx';
import { Wide } from '../../ui/wide.tsx';
import { dateIn } from '../range/data.ts';
import { AddNote } from './add-note.tsx';
import {
  change,
  formatMetric,
  metricHelp,
  metricNames,
  noteMarks,
  notesWithin,
  tiles,
  trendPoints,
  trendRows,
  trendSummary,
} from './data.ts';
import { NoteList } from './note-list.tsx';
import classes from './overview.module.css';

const TrendChart = lazy(() => import('../../charts/trend-chart.tsx'));

/** Tiles; the pressed one is charted below, or shown as a table. */
export function TrendPanel({
  answer,
  metric,
  asTable,
  onMetric,
  onTable,
}: {
  answer: OverviewAnswer | undefined;
  metric: Metric;
  asTable: boolean;
  onMetric: (metric: Metric) => void;
  onTable: (table: boolean) => void;
}) {
  const site = useSite();
  const { range, compare } = useQuestion();
  const now = Date.now();
  const annotations = useQuery(annotationsQuery(site.id));
  const notes = annotations.data?.items ?? [];
  const points = answer ? trendPoints(answer, { metric, timezone: site.timezone, now }) : [];
  return (
    <section className={classes.trend} aria-label="Key numbers" aria-busy={!answer}>
      <div className={classes.tiles}>
        {tiles.map((name) => {
          const value = answer?.totals[name];
          const against = value === undefined ? null : change(name, value, answer?.comparison?.totals[name]);
          return (
            <div key={name} className={classes.tile} data-active={name === metric || undefined}>
              <UnstyledButton
                className={classes.tileButton}
                aria-pressed={name === metric}
                onClick={() => onMetric(name)}
              >
                <span className={classes.tileName}>{metricNames[name]}</span>
                {value === undefined ? (
                  <Skeleton height={34} width={90} mt={4} />
                ) : (
                  <span className={classes.tileValue}>{formatMetric(name, value)}</span>
                )}
                <span className={classes.tileChange} data-good={against ? against.good : undefined}>
                  {against ? against.text : ' '}
                </span>
              </UnstyledButton>
              <span className={classes.tileHint}>
                <Hint about={metricNames[name]}>{metricHelp[name]}</Hint>
              </span>
            </div>
          );
        })}
      </div>
      <div className={classes.chartHead}>
        <p className={classes.summary}>
          {answer
            ? trendSummary(answer, {
                metric,
                range,
                timezone: site.timezone,
                year: dateIn(site.timezone, now).slice(0, 4),
                compare,
              })
            : ' '}
        </p>
        <div className={classes.chartActions}>
          <AddNote />
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconDownload size={15} />}
            disabled={!answer}
            onClick={() =>
              downloadCsv(
                `${site.name} ${metricNames[metric]} ${range.from}`,
                trendRows(points, { metric, compared: answer?.comparison !== undefined }),
              )
            }
          >
            CSV
          </Button>
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={asTable ? <IconChartLine size={15} /> : <IconTable size={15} />}
            onClick={() => onTable(!asTable)}
          >
            {asTable ? 'Chart' : 'Table'}
          </Button>
        </div>
      </div>
      <div className={classes.chartBody}>
        {!answer ? (
          <Skeleton height={260} />
        ) : asTable ? (
          <Wide label={`${metricNames[metric]} as a table`}>
            <Table stickyHeader>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>When</Table.Th>
                  <Table.Th ta="right">{metricNames[metric]}</Table.Th>
                  {answer.comparison ? <Table.Th ta="right">Before</Table.Th> : null}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {points.map((point) => (
                  <Table.Tr key={point.at}>
                    <Table.Td>
                      {point.label}
                      {point.value === null ? ' (so far)' : ''}
                    </Table.Td>
                    <Table.Td ta="right">{formatMetric(metric, point.value ?? point.running ?? 0)}</Table.Td>
                    {answer.comparison ? (
                      <Table.Td ta="right">
                        {point.previous === null ? '–' : formatMetric(metric, point.previous)}
                      </Table.Td>
                    ) : null}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        ) : (
          <Suspense fallback={<Skeleton height={260} />}>
            <TrendChart
              points={points}
              marks={noteMarks(points, notes, { timezone: site.timezone, range })}
              name={metricNames[metric]}
              tick={(at) => formatTick(at, answer.interval, site.timezone)}
              format={(value) => formatMetric(metric, value)}
            />
          </Suspense>
        )}
        <NoteList notes={notesWithin(notes, range)} />
      </div>
    </section>
  );
}
