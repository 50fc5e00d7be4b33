import { Button, Group, MultiSelect, Popover, Select, Stack, TextInput } from '@mantine/core';
import { useDebouncedCallback, useDisclosure } from '@mantine/hooks';
import { IconAdjustmentsHorizontal, IconSearch, IconX } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import chipClasses from '../../shell/filter-chips.module.css';
import classes from './leads.module.css';
import {
  dueNames,
  filterKeys,
  type LeadFilterKey,
  type LeadsSearch,
  leadFilterName,
  parseLeadsSearch,
  sortNames,
  stageChoices,
  temperatureChoices,
} from './search.ts';
import { useOwners } from './use-owners.ts';
import { Views } from './views.tsx';

const route = getRouteApi('/signed-in/sites/$site/leads');

/** A search, the filters in force as chips, one more by hand, the order, and lists kept under a name. All of it is in the address. */
export function FilterBar() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const owners = useOwners();
  const set = (change: LeadsSearch) =>
    void navigate({ search: (old) => ({ ...old, ...change }), resetScroll: false, replace: true });
  const chips = filterKeys.flatMap((key) => {
    const value = search[key];
    return value === undefined || key === 'search'
      ? []
      : [{ key, name: leadFilterName(key, value, owners.nameOf) } satisfies { key: LeadFilterKey; name: string }];
  });
  return (
    <Stack gap="sm">
      <div className={classes.tools}>
        <Search key={search.search ?? ''} value={search.search ?? ''} onSearch={(text) => set({ search: text })} />
        <FilterPopover search={search} onChange={set} />
        {search.view === 'board' ? null : (
          <Select
            aria-label="Order"
            w={210}
            allowDeselect={false}
            data={Object.entries(sortNames).map(([value, label]) => ({ value, label }))}
            value={search.sort ?? 'newest'}
            onChange={(next) => set({ sort: parseLeadsSearch({ sort: next === 'newest' ? undefined : next }).sort })}
          />
        )}
        <Views />
      </div>
      {chips.length === 0 ? null : (
        <ul className={chipClasses.chips} aria-label="Filters">
          {chips.map(({ key, name }) => (
            <li key={key} className={chipClasses.chip}>
              <span>{name}</span>
              <button
                type="button"
                className={chipClasses.remove}
                aria-label={`Remove filter: ${name}`}
                onClick={() => set({ [key]: undefined })}
              >
                <IconX size={14} aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </Stack>
  );
}

function Search({ value, onSearch }: { value: string; onSearch: (text: string | undefined) => void }) {
  const [text, setText] = useState(value);
  const later = useDebouncedCallback((next: string) => onSearch(next.trim() || undefined), 400);
  return (
    <TextInput
      type="search"
      className={classes.search}
      aria-label="Search leads"
      placeholder="Name, e-mail, phone, company"
      leftSection={<IconSearch size={16} stroke={1.6} aria-hidden="true" />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        later(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onSearch(text.trim() || undefined);
      }}
    />
  );
}

/** Everything that can narrow the list. Each choice holds at once. */
function FilterPopover({ search, onChange }: { search: LeadsSearch; onChange: (change: LeadsSearch) => void }) {
  const owners = useOwners();
  const [opened, popover] = useDisclosure(false);
  const [source, setSource] = useState(search.source ?? '');
  const [kind, setKind] = useState(search.kind ?? '');
  const listed = (text: string | undefined) => text?.split(',') ?? [];
  const within = { comboboxProps: { withinPortal: false } };
  return (
    <Popover
      opened={opened}
      onChange={(open) => (open ? popover.open() : popover.close())}
      position="bottom-start"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconAdjustmentsHorizontal size={16} stroke={1.6} />}
          onClick={popover.toggle}
        >
          Filters
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Filters">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            onChange({ source: source.trim() || undefined, kind: kind.trim() || undefined });
            popover.close();
          }}
        >
          <Stack gap="sm" w="min(20rem, calc(100vw - 4rem))">
            <MultiSelect
              label="Stage"
              placeholder={search.stage ? '' : 'Any'}
              data={stageChoices}
              value={listed(search.stage)}
              onChange={(next) => onChange(keep('stage', next.join(',')))}
              {...within}
            />
            <Select
              label="Owner"
              placeholder="Anybody"
              clearable
              clearButtonProps={{ 'aria-label': 'Anybody' }}
              data={[{ value: 'none', label: 'Nobody' }, ...owners.choices]}
              value={search.owner ?? null}
              onChange={(next) => onChange({ owner: next ?? undefined })}
              {...within}
            />
            <MultiSelect
              label="Temperature"
              placeholder={search.temperature ? '' : 'Any'}
              data={temperatureChoices}
              value={listed(search.temperature)}
              onChange={(next) => onChange(keep('temperature', next.join(',')))}
              {...within}
            />
            <Select
              label="Next step"
              placeholder="Any"
              clearable
              clearButtonProps={{ 'aria-label': 'Any next step' }}
              data={Object.entries(dueNames).map(([value, label]) => ({ value, label: label.replace(/^is /, '') }))}
              value={search.due ?? null}
              onChange={(next) => onChange(keep('due', next))}
              {...within}
            />
            <Select
              label="Leaking"
              placeholder="Does not matter"
              clearable
              clearButtonProps={{ 'aria-label': 'Leaking does not matter' }}
              data={[
                { value: 'true', label: 'Only those that leak' },
                { value: 'false', label: 'Only those that do not' },
              ]}
              value={search.leaking ?? null}
              onChange={(next) => onChange(keep('leaking', next))}
              {...within}
            />
            <TextInput
              label="Came from"
              placeholder="google"
              value={source}
              onChange={(event) => setSource(event.currentTarget.value)}
            />
            <TextInput
              label="About"
              placeholder="quote"
              value={kind}
              onChange={(event) => setKind(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button type="submit" size="xs">
                Show them
              </Button>
            </Group>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

/** One filter as the address has it: what is empty or unknown is taken out. */
function keep(key: LeadFilterKey, value: string | null): LeadsSearch {
  return { [key]: undefined, ...parseLeadsSearch({ [key]: value === '' ? undefined : value }) };
}
