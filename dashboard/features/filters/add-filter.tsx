import { Button, Group, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Filter } from '../../../collector/contract/match.ts';
import { breakdownQuery } from '../../api/queries.ts';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { valueName } from './data.ts';
import { blankFilter, draftDimension, type FilterDraft, filterDimensions, filterOpNames, toFilter } from './draft.ts';

const suggested = 50;

/** Writes one filter by hand, with the most frequent values of the range as suggestions. */
export default function AddFilter({ onAdd, onClose }: { onAdd: (filter: Filter) => void; onClose: () => void }) {
  const site = useSite();
  const { range } = useQuestion();
  const [draft, setDraft] = useState<FilterDraft>(blankFilter);
  const [typed, setTyped] = useState('');
  // Closed after each choice, because it lies over the button that ends the writing.
  const [listOpen, list] = useDisclosure(false);
  const dimension = draftDimension(draft);
  const seen = useQuery({
    ...breakdownQuery(site.id, { ...range, dimension: dimension ?? 'path', metric: 'visitors', limit: suggested }),
    enabled: dimension !== null && draft.dimension !== 'prop',
  });
  const suggestions =
    dimension === null || !seen.data || seen.isPlaceholderData
      ? []
      : seen.data.items.map(({ key }) => ({ value: key, label: valueName(dimension, key) }));
  // What stands in the field counts too: nobody should have to press Enter first.
  const filter = toFilter(
    { ...draft, values: typed.trim() === '' ? draft.values : [...draft.values, typed] },
    suggestions,
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (filter) onAdd(filter);
      }}
    >
      <Stack gap="sm" w="min(19rem, calc(100vw - 4rem))">
        <Select
          label="What"
          data={filterDimensions}
          value={draft.dimension}
          allowDeselect={false}
          searchable
          data-autofocus
          comboboxProps={{ withinPortal: false }}
          onChange={(value) => {
            const chosen = filterDimensions.find((one) => one.value === value);
            if (chosen) setDraft({ ...draft, dimension: chosen.value, values: [] });
          }}
        />
        {draft.dimension === 'prop' ? (
          <TextInput
            label="Property"
            placeholder="plan"
            value={draft.prop}
            onChange={(event) => setDraft({ ...draft, prop: event.currentTarget.value })}
          />
        ) : null}
        <Select
          label="How"
          data={filterOpNames}
          value={draft.op}
          allowDeselect={false}
          comboboxProps={{ withinPortal: false }}
          onChange={(value) => {
            const chosen = filterOpNames.find((one) => one.value === value);
            if (chosen) setDraft({ ...draft, op: chosen.value });
          }}
        />
        <TagsInput
          label="Value"
          description="Several values are alternatives."
          placeholder={draft.values.length === 0 ? 'Choose or type' : ''}
          data={draft.op === 'is' || draft.op === 'is_not' ? [...new Set(suggestions.map(({ label }) => label))] : []}
          value={draft.values}
          searchValue={typed}
          splitChars={[]}
          dropdownOpened={listOpen}
          onDropdownOpen={list.open}
          onDropdownClose={list.close}
          onOptionSubmit={list.close}
          comboboxProps={{ withinPortal: false }}
          onSearchChange={setTyped}
          onChange={(values) => setDraft({ ...draft, values })}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" size="xs" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" size="xs" disabled={filter === null}>
            Add filter
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
