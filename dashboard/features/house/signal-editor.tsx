import { Select, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { TouchKind } from '../../../collector/contract/leads.ts';
import type { FieldCondition, Signal } from '../../../collector/contract/signal.ts';
import { seenQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { MatchEditor } from '../../ui/match-editor.tsx';
import { touchNames } from '../leads/words.ts';
import { fieldNames, fieldOpNames, needsValue, signalKindNames } from './data.ts';
import classes from './house.module.css';

const blankSignals: Record<Signal['kind'], Signal> = {
  page: { kind: 'page', path: '' },
  event: { kind: 'event', match: { event: '' } },
  form: { kind: 'form' },
  touch: { kind: 'touch', touch: 'call' },
};

/** What somebody does, or what is done with them. */
export function SignalEditor({
  label,
  value,
  error,
  onChange,
}: {
  /** Names the fields for those who cannot see the frame. */
  label: string;
  value: Signal;
  error?: string | undefined;
  onChange: (signal: Signal) => void;
}) {
  const site = useSite();
  const seen = useQuery(seenQuery(site.id));
  return (
    <div className={classes.inline}>
      <Select
        aria-label={`${label}: what somebody does`}
        size="sm"
        w={236}
        allowDeselect={false}
        data={Object.entries(signalKindNames).map(([kind, name]) => ({ value: kind, label: name }))}
        value={value.kind}
        onChange={(next) => onChange(blankSignals[next as Signal['kind']])}
      />
      {value.kind === 'page' ? (
        <TextInput
          aria-label={`${label}: page`}
          placeholder="/pricing or /blog/**"
          className={classes.grow}
          value={value.path}
          error={error}
          onChange={(event) => onChange({ kind: 'page', path: event.currentTarget.value })}
        />
      ) : null}
      {value.kind === 'form' ? (
        <TextInput
          aria-label={`${label}: name of the form`}
          placeholder="Any form"
          className={classes.grow}
          value={value.form ?? ''}
          error={error}
          onChange={(event) =>
            onChange({ kind: 'form', ...(event.currentTarget.value === '' ? {} : { form: event.currentTarget.value }) })
          }
        />
      ) : null}
      {value.kind === 'touch' ? (
        <>
          <Select
            aria-label={`${label}: contact`}
            w={220}
            allowDeselect={false}
            data={Object.entries(touchNames).map(([kind, name]) => ({ value: kind, label: name }))}
            value={value.touch}
            onChange={(next) => onChange({ ...value, touch: next as TouchKind })}
          />
          <Select
            aria-label={`${label}: who began it`}
            placeholder="Whoever began it"
            w={190}
            clearable
            clearButtonProps={{ 'aria-label': 'Whoever began it' }}
            data={[
              { value: 'in', label: 'They came to us' },
              { value: 'out', label: 'We went to them' },
            ]}
            value={value.direction ?? null}
            onChange={(next) =>
              onChange({
                kind: 'touch',
                touch: value.touch,
                ...(next === 'in' || next === 'out' ? { direction: next } : {}),
              })
            }
          />
        </>
      ) : null}
      {value.kind === 'event' ? (
        <div className={classes.grow}>
          <MatchEditor
            label={label}
            value={value.match}
            seen={seen.data}
            error={error}
            onChange={(match) => onChange({ kind: 'event', match })}
          />
        </div>
      ) : null}
    </div>
  );
}

/** What is known of a lead. */
export function FieldEditor({
  label,
  value,
  error,
  onChange,
}: {
  label: string;
  value: FieldCondition;
  error?: string | undefined;
  onChange: (condition: FieldCondition) => void;
}) {
  const isTrait = value.field.startsWith('trait:');
  return (
    <div className={classes.inline}>
      <Select
        aria-label={`${label}: field`}
        w={190}
        allowDeselect={false}
        data={[
          ...Object.entries(fieldNames).map(([field, name]) => ({ value: field, label: name })),
          { value: 'trait', label: 'Something else…' },
        ]}
        value={isTrait ? 'trait' : value.field}
        onChange={(next) =>
          onChange({ ...value, field: (next === 'trait' ? 'trait:' : next) as FieldCondition['field'] })
        }
      />
      {isTrait ? (
        <TextInput
          aria-label={`${label}: name of the field`}
          placeholder="budget"
          w={140}
          value={value.field.slice('trait:'.length)}
          onChange={(event) => onChange({ ...value, field: `trait:${event.currentTarget.value}` })}
        />
      ) : null}
      <Select
        aria-label={`${label}: how`}
        w={150}
        allowDeselect={false}
        data={Object.entries(fieldOpNames).map(([op, name]) => ({ value: op, label: name }))}
        value={value.op}
        onChange={(next) => {
          const op = next as FieldCondition['op'];
          onChange({ kind: 'field', field: value.field, op, ...(needsValue(op) ? { value: value.value ?? [] } : {}) });
        }}
      />
      {needsValue(value.op) ? (
        <TagsInput
          aria-label={`${label}: value`}
          placeholder={value.value?.length ? '' : 'One is enough'}
          className={classes.grow}
          value={value.value ?? []}
          error={error}
          acceptValueOnBlur
          onChange={(values) => onChange({ ...value, value: values })}
        />
      ) : null}
    </div>
  );
}
