import { Button, Popover, SegmentedControl, Skeleton, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCalendar, IconCheck } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { comparisons, dateIn, presetNames, presets, rangeLabel } from '../features/range/data.ts';
import classes from './range-controls.module.css';
import { useQuestion } from './use-question.ts';
import { useSite } from './use-site.ts';

const CustomRange = lazy(() => import('./custom-range.tsx'));

/** Date range with presets, and what to compare with. `plain` leaves the comparison out. */
export function RangeControls({ plain = false }: { plain?: boolean }) {
  const { search, compare, setRange } = useQuestion();
  const site = useSite();
  const [opened, popover] = useDisclosure(false);
  const [custom, setCustom] = useState(false);
  const today = dateIn(site.timezone, Date.now());
  const active = search.range ?? '30d';
  const keep = search.compare ? { compare: search.compare } : {};
  const close = () => {
    popover.close();
    setCustom(false);
  };
  return (
    <>
      {plain ? null : (
        <SegmentedControl
          size="xs"
          aria-label="Compare with"
          value={compare}
          onChange={(value) => {
            const next = comparisons.find((name) => name === value) ?? 'previous';
            const { compare: _, ...range } = search;
            setRange(next === 'previous' ? range : { ...range, compare: next });
          }}
          data={[
            { value: 'previous', label: 'vs period before' },
            { value: 'year', label: 'vs last year' },
            { value: 'none', label: 'no comparison' },
          ]}
        />
      )}
      <Popover opened={opened} onChange={(open) => (open ? popover.open() : close())} position="bottom-end" trapFocus>
        <Popover.Target>
          <Button variant="default" leftSection={<IconCalendar size={16} stroke={1.6} />} onClick={popover.toggle}>
            {rangeLabel(search, today.slice(0, 4))}
          </Button>
        </Popover.Target>
        <Popover.Dropdown p="xs">
          <div className={classes.picker}>
            <div className={classes.presets}>
              {presets.map((preset) => (
                <UnstyledButton
                  key={preset}
                  className={classes.preset}
                  data-active={active === preset || (custom && preset === 'custom') || undefined}
                  aria-pressed={active === preset}
                  onClick={() => {
                    if (preset === 'custom') return setCustom(true);
                    setRange({ range: preset, ...keep });
                    close();
                  }}
                >
                  {presetNames[preset]}
                  {active === preset ? <IconCheck size={15} aria-hidden="true" /> : null}
                </UnstyledButton>
              ))}
            </div>
            {custom || active === 'custom' ? (
              <Suspense fallback={<Skeleton height={280} width={260} />}>
                <CustomRange
                  from={search.from ?? null}
                  to={search.to ?? null}
                  latest={today}
                  onChange={(from, to) => {
                    setRange({ range: 'custom', from, to, ...keep });
                    close();
                  }}
                />
              </Suspense>
            ) : null}
          </div>
        </Popover.Dropdown>
      </Popover>
    </>
  );
}
