import { Autocomplete, Button, Group, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { Match } from '../../collector/contract/match.ts';
import type { SeenAnswer } from '../../collector/contract/overview.ts';
import classes from './match-editor.module.css';
import { isSameMatch } from './same-match.ts';

/** Something that is chosen by its name, rather than written as a page or an event. */
export interface NamedMatch {
  name: string;
  match: Match;
}

/** Page or event, with what was seen as suggestions, and one optional property. */
export function MatchEditor({
  label,
  value,
  seen,
  followUp = [],
  error,
  onChange,
}: {
  /** Names the fields for those who cannot see the frame, such as "Step 2". */
  label: string;
  value: Match;
  seen: SeenAnswer | undefined;
  /** What people do with leads: offered beside pages and events where there is any. */
  followUp?: readonly NamedMatch[];
  error?: string | undefined;
  onChange: (value: Match) => void;
}) {
  const isPage = value.event === undefined || value.event === 'pageview';
  const chosen = followUp.find(({ match }) => isSameMatch(match, value));
  const text = isPage ? (value.path ?? '') : (value.event ?? '');
  const props = Object.entries(value.props ?? {});
  const prop = props[0];
  const setProp = (key: string, propValue: string) =>
    onChange({ ...value, props: Object.fromEntries([[key, propValue], ...props.slice(1)]) });
  const withoutProps = ({ props: _, ...rest }: Match): Match => rest;
  const setText = (next: string) => {
    const { event: _event, path: _path, ...rest } = value;
    onChange(isPage ? { ...rest, path: next } : { ...rest, event: next, ...(value.path ? { path: value.path } : {}) });
  };
  const suggestions = isPage
    ? (seen?.pages ?? []).map((page) => page.path)
    : (seen?.events ?? []).map((event) => event.name).filter((name) => name !== 'pageview' && name !== 'engagement');
  return (
    <Stack gap={6}>
      <div className={classes.line}>
        <SegmentedControl
          size="xs"
          aria-label={`${label}: what it is`}
          value={chosen ? 'follow-up' : isPage ? 'page' : 'event'}
          data={[
            { value: 'page', label: 'Page' },
            { value: 'event', label: 'Event' },
            ...(followUp.length > 0 ? [{ value: 'follow-up', label: 'Follow-up' }] : []),
          ]}
          onChange={(kind) =>
            onChange(
              kind === 'page' ? { path: '' } : kind === 'event' ? { event: '' } : (followUp[0]?.match ?? { event: '' }),
            )
          }
        />
        {chosen ? (
          <Select
            className={classes.text}
            size="sm"
            aria-label={`${label}: follow-up`}
            allowDeselect={false}
            data={followUp.map(({ name }) => name)}
            value={chosen.name}
            onChange={(name) => {
              const next = followUp.find((one) => one.name === name);
              if (next) onChange(next.match);
            }}
          />
        ) : (
          <Autocomplete
            className={classes.text}
            size="sm"
            aria-label={isPage ? `${label}: page` : `${label}: event`}
            placeholder={isPage ? '/pricing or /blog/**' : 'booking_start'}
            data={[...new Set(suggestions)]}
            limit={30}
            value={text}
            error={error}
            onChange={setText}
            comboboxProps={{ withinPortal: true }}
          />
        )}
      </div>
      {chosen ? null : prop ? (
        <Group gap={6} wrap="nowrap" align="center">
          <TextInput
            size="xs"
            className={classes.text}
            aria-label={`${label}: property`}
            placeholder="property"
            value={prop[0]}
            onChange={(event) => setProp(event.currentTarget.value, prop[1])}
          />
          <span className={classes.is}>is</span>
          <TextInput
            size="xs"
            className={classes.text}
            aria-label={`${label}: value of the property`}
            placeholder="value"
            value={prop[1]}
            onChange={(event) => setProp(prop[0], event.currentTarget.value)}
          />
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            className={classes.remove}
            onClick={() => onChange(withoutProps(value))}
            aria-label={`${label}: remove the property`}
          >
            Remove
          </Button>
        </Group>
      ) : (
        <div>
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            className={classes.add}
            leftSection={<IconPlus size={13} />}
            aria-label={`${label}: add a property`}
            onClick={() => setProp('', '')}
          >
            only where a property is…
          </Button>
        </div>
      )}
    </Stack>
  );
}
