import '@mantine/dates/styles.layer.css';
import { DatePicker } from '@mantine/dates';
import { useState } from 'react';

/** Calendar for a range of days; answers once both ends are chosen. */
export default function CustomRange({
  from,
  to,
  latest,
  onChange,
}: {
  from: string | null;
  to: string | null;
  latest: string;
  onChange: (from: string, to: string) => void;
}) {
  const [value, setValue] = useState<[string | null, string | null]>([from, to]);
  return (
    <DatePicker
      type="range"
      allowSingleDateInRange
      hideOutsideDates
      weekendDays={[]}
      ariaLabels={{
        previousMonth: 'Previous month',
        nextMonth: 'Next month',
        previousYear: 'Previous year',
        nextYear: 'Next year',
        previousDecade: 'Previous decade',
        nextDecade: 'Next decade',
        monthLevelControl: 'Choose a month',
        yearLevelControl: 'Choose a year',
      }}
      maxDate={latest}
      defaultDate={to ?? latest}
      value={value}
      onChange={([first, last]) => {
        setValue([first, last]);
        if (first && last) onChange(first, last);
      }}
    />
  );
}
