import { Group, Input, NumberInput, Select } from '@mantine/core';

const units = [
  { value: 's', label: 'seconds' },
  { value: 'm', label: 'minutes' },
  { value: 'h', label: 'hours' },
  { value: 'd', label: 'days' },
];

/** A duration of the contract (`90m`), written as a number and a unit. */
export function DurationInput({
  label,
  description,
  value,
  error,
  inline = false,
  onChange,
}: {
  label: string;
  description?: string;
  /** Small, within a sentence that says what it is about: the label is for those who cannot see that. */
  inline?: boolean;
  value: string;
  error?: string | undefined;
  onChange: (value: string) => void;
}) {
  const [, number = '0', unit = 'm'] = /^(\d+)(s|m|h|d)$/.exec(value) ?? [];
  const size = inline ? 'xs' : 'sm';
  return (
    <Input.Wrapper label={inline ? undefined : label} description={description} error={error} labelElement="div">
      <Group gap="xs" mt={description ? 6 : 0} wrap="nowrap">
        <NumberInput
          aria-label={`${label}: number`}
          size={size}
          value={Number(number)}
          min={0}
          allowDecimal={false}
          allowNegative={false}
          onChange={(next) => onChange(`${Number(next) || 0}${unit}`)}
          w={inline ? 76 : 96}
        />
        <Select
          aria-label={`${label}: unit`}
          size={size}
          data={units}
          value={unit}
          allowDeselect={false}
          onChange={(next) => onChange(`${number}${next ?? unit}`)}
          w={inline ? 100 : 124}
        />
      </Group>
    </Input.Wrapper>
  );
}
