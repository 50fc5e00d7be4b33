import { Button, Popover, Skeleton, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconX } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { filterName } from '../features/filters/data.ts';
import { withCondition } from '../features/filters/draft.ts';
import { Segments } from '../features/filters/segments.tsx';
import { dateIn, keptNote } from '../features/range/data.ts';
import classes from './filter-chips.module.css';
import { useQuestion } from './use-question.ts';
import { useSite } from './use-site.ts';

const AddFilter = lazy(() => import('../features/filters/add-filter.tsx'));

/** Something else that narrows a screen, and how to take it back. */
export interface Limit {
  name: string;
  onRemove: () => void;
}

/**
 * The filters in force, each with a button that removes it; one more by hand; and filters kept under a name. Also says where the range
 * begins before what the site keeps; `compares`: or where the range it is compared with does.
 */
export function FilterChips({ limit, compares = false }: { limit?: Limit | undefined; compares?: boolean }) {
  const { filters, setFilters, range, compare } = useQuestion();
  const { settings, timezone } = useSite();
  const note = keptNote(range, {
    compare: compares ? compare : 'none',
    retentionDays: settings.retentionDays,
    today: dateIn(timezone, Date.now()),
  });
  const chips: Limit[] = [
    ...filters.map((filter, index) => ({
      name: filterName(filter),
      onRemove: () => setFilters(filters.filter((_, other) => other !== index)),
    })),
    ...(limit ? [limit] : []),
  ];
  const [adding, popover] = useDisclosure(false);
  return (
    <div className={classes.line}>
      {chips.length === 0 ? null : (
        <ul className={classes.chips} aria-label="Filters">
          {chips.map(({ name, onRemove }) => (
            <li key={name} className={classes.chip}>
              <span>{name}</span>
              <button type="button" className={classes.remove} aria-label={`Remove filter: ${name}`} onClick={onRemove}>
                <IconX size={14} aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Popover
        opened={adding}
        onChange={(open) => (open ? popover.open() : popover.close())}
        position="bottom-start"
        trapFocus
        returnFocus
      >
        <Popover.Target>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={<IconPlus size={15} stroke={1.6} />}
            onClick={popover.toggle}
          >
            Add filter
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Add a filter">
          <Suspense fallback={<Skeleton height={240} width={280} />}>
            <AddFilter
              onAdd={(filter) => {
                setFilters(withCondition(filters, filter));
                popover.close();
              }}
              onClose={popover.close}
            />
          </Suspense>
        </Popover.Dropdown>
      </Popover>
      <Segments />
      {filters.length > 1 ? (
        <Button size="compact-sm" variant="subtle" onClick={() => setFilters([])}>
          Clear all
        </Button>
      ) : null}
      {note ? (
        <Text size="sm" c="dimmed" role="note">
          {note}
        </Text>
      ) : null}
    </div>
  );
}
