import { ActionIcon, Button, Group, SegmentedControl, Skeleton, Stack, UnstyledButton } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { limits } from '../../../collector/contract/limits.ts';
import type { Dimension } from '../../../collector/contract/names.ts';
import { breakdownQuery } from '../../api/queries.ts';
import { downloadCsv } from '../../csv.ts';
import { formatCount, plural } from '../../format.ts';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { dimensionNames, valueName, withFilter } from '../filters/data.ts';
import { type BreakdownCard, breakdownNames, breakdownRows, breakdownTabs } from './data.ts';
import classes from './overview.module.css';

const short = 8;

const cardHelp: Record<BreakdownCard, string> = {
  pages: 'Visitors by page. Entry is where a session began, exit where it ended.',
  sources: 'Where visitors came from, by the link or the campaign parameters of the first page.',
  places: 'Country by address at the time of the visit. The address itself is not kept.',
  devices: 'As the browser describes itself.',
  events: 'Visitors who did something at least once.',
};

/** A ranked list. A row is a button that narrows the whole screen to it. */
export function BreakdownPanel({
  card,
  waits,
  dimension,
  onDimension,
}: {
  card: BreakdownCard;
  /** Asks nothing yet. */
  waits: boolean;
  dimension: Dimension;
  onDimension: (dimension: Dimension) => void;
}) {
  const site = useSite();
  const { range, filters, setFilters } = useQuestion();
  const [all, setAll] = useState(false);
  const answer = useQuery({
    ...breakdownQuery(site.id, {
      ...range,
      dimension,
      metric: 'visitors',
      limit: all ? limits.breakdownRows : short,
      ...(filters.length > 0 ? { filters } : {}),
    }),
    enabled: !waits,
  });
  const tabs: readonly { value: Dimension; label: string }[] = breakdownTabs[card];
  const widest = Math.max(1, ...(answer.data?.items ?? []).map((item) => item.value));
  return (
    <Panel
      title={breakdownNames[card]}
      hint={cardHelp[card]}
      aside={
        <Group gap={6} wrap="wrap">
          {tabs.length > 1 ? (
            <SegmentedControl
              size="xs"
              aria-label={`${breakdownNames[card]} by`}
              value={dimension}
              data={tabs.map((tab) => ({ ...tab }))}
              onChange={(value) => {
                const tab = tabs.find((one) => one.value === value);
                if (tab) onDimension(tab.value);
              }}
            />
          ) : null}
          <ActionIcon
            size={26}
            aria-label={`${breakdownNames[card]} as CSV`}
            disabled={!answer.data || answer.data.items.length === 0}
            onClick={() =>
              answer.data &&
              downloadCsv(
                `${site.name} ${dimensionNames[dimension]} ${range.from}`,
                breakdownRows(dimension, answer.data.items),
              )
            }
          >
            <IconDownload size={15} stroke={1.6} />
          </ActionIcon>
        </Group>
      }
    >
      {answer.isError && !answer.data ? (
        <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />
      ) : !answer.data ? (
        <Stack gap={8}>
          {[92, 74, 60, 44, 30].map((width) => (
            <Skeleton key={width} height={26} width={`${width}%`} />
          ))}
        </Stack>
      ) : answer.data.items.length === 0 ? (
        <p className={classes.more}>Nothing here in this range.</p>
      ) : (
        <>
          <div className={classes.rowHead}>
            <span>{dimensionNames[dimension]}</span>
            <span>Visitors</span>
          </div>
          <ol className={classes.rows}>
            {answer.data.items.map((item) => (
              <li key={item.key}>
                <UnstyledButton
                  className={classes.row}
                  title={`Show only: ${valueName(dimension, item.key)}`}
                  onClick={() => setFilters(withFilter(filters, dimension, item.key))}
                >
                  <span className={classes.rowBar} style={{ width: `${(item.value / widest) * 100}%` }} />
                  <span className={classes.rowName}>{valueName(dimension, item.key)}</span>
                  <span className={classes.rowValue}>{formatCount(item.value)}</span>
                </UnstyledButton>
              </li>
            ))}
          </ol>
          {answer.data.total > answer.data.items.length && !all ? (
            <Button variant="subtle" size="compact-sm" mt="xs" onClick={() => setAll(true)}>
              Show all {formatCount(answer.data.total)}
            </Button>
          ) : all && answer.data.total > short ? (
            <Button variant="subtle" size="compact-sm" mt="xs" onClick={() => setAll(false)}>
              Show the first {short} of {plural(answer.data.total, 'row')}
            </Button>
          ) : null}
        </>
      )}
    </Panel>
  );
}
