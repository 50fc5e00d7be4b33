import { Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { filterName } from '../features/filters/data.ts';
import classes from './filter-chips.module.css';
import { useQuestion } from './use-question.ts';

/** The filters in force, each with a button that removes it. Nothing where there are none. */
export function FilterChips() {
  const { filters, setFilters } = useQuestion();
  if (filters.length === 0) return null;
  return (
    <ul className={classes.chips} aria-label="Filters">
      {filters.map((filter, index) => (
        <li key={filterName(filter)} className={classes.chip}>
          <span>{filterName(filter)}</span>
          <button
            type="button"
            className={classes.remove}
            aria-label={`Remove filter: ${filterName(filter)}`}
            onClick={() => setFilters(filters.filter((_, other) => other !== index))}
          >
            <IconX size={14} aria-hidden="true" />
          </button>
        </li>
      ))}
      {filters.length > 1 ? (
        <li>
          <Button size="compact-sm" variant="subtle" onClick={() => setFilters([])}>
            Clear all
          </Button>
        </li>
      ) : null}
    </ul>
  );
}
