import { Button, Group, Input, TextInput } from '@mantine/core';
import { useSite } from '../../shell/use-site.ts';
import { followUpOn, followUps } from './follow-up.ts';

/** A date, with the usual ones as buttons. Empty where none is chosen. */
export function FollowUpDates({
  value,
  label = 'Until',
  size = 'xs',
  onChange,
}: {
  value: string;
  label?: string;
  size?: 'xs' | 'md';
  onChange: (date: string) => void;
}) {
  const site = useSite();
  const dates = followUps.map(({ name, days }) => ({
    name,
    date: followUpOn(days, { timezone: site.timezone, now: Date.now() }),
  }));
  return (
    <Input.Wrapper label={label} labelElement="div" size={size === 'xs' ? 'sm' : size}>
      <Group gap={6}>
        {dates.map(({ name, date }) => (
          <Button
            key={name}
            size={size}
            variant={date === value ? 'light' : 'default'}
            aria-pressed={date === value}
            onClick={() => onChange(date === value ? '' : date)}
          >
            {name}
          </Button>
        ))}
        <TextInput
          type="date"
          size={size}
          aria-label={`${label}: another day`}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      </Group>
    </Input.Wrapper>
  );
}
