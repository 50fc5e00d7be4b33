import { Select } from '@mantine/core';
import { useMemo } from 'react';

/** Every time zone this browser knows, the given one always among them. */
export function TimezoneSelect({
  description,
  value,
  onChange,
}: {
  description: string;
  value: string;
  onChange: (timezone: string) => void;
}) {
  const zones = useMemo(() => [...new Set(['UTC', value, ...Intl.supportedValuesOf('timeZone')])], [value]);
  return (
    <Select
      label="Time zone"
      description={description}
      data={zones}
      value={value}
      searchable
      allowDeselect={false}
      nothingFoundMessage="No such time zone"
      limit={100}
      onChange={(next) => next && onChange(next)}
    />
  );
}
