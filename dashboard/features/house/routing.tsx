import {
  ActionIcon,
  Button,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus } from '@tabler/icons-react';
import type { Owner, Route } from '../../../collector/contract/routing.ts';
import { Panel } from '../../ui/panel.tsx';
import { RemoveRow } from '../../ui/remove-row.tsx';
import { newId, routeWords } from './data.ts';
import classes from './house.module.css';
import { MailNote } from './mail-note.tsx';
import { PartFrame } from './part-frame.tsx';
import type { PartDraft } from './use-part.ts';

const conditions = {
  countries: 'Countries',
  regions: 'Regions',
  postcodes: 'Postcodes that begin with',
  channels: 'Channels',
  sources: 'Sources',
  campaigns: 'Campaigns',
  kinds: 'What it is about',
} as const satisfies Record<keyof Route['when'], string>;

/** Who gets which lead. */
export function RoutingRules() {
  return (
    <PartFrame
      part="routing"
      about="A new lead goes to the first route that fits, from the top. The owners of a route take turns, and nobody gets more than their number in a day."
    >
      {(form) => (
        <>
          <Owners form={form} />
          <Panel title="Routes">
            <Stack gap="md">
              {form.draft.routes.length === 0 ? (
                <Text size="sm" c="dimmed">
                  There is no route: nobody gets a lead by itself, and each one leaks until somebody takes it.
                </Text>
              ) : null}
              {form.draft.routes.map((route, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a route has no other name than the one that is being typed.
                <RouteEditor key={index} route={route} index={index} form={form} />
              ))}
              <div>
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<IconPlus size={14} />}
                  onClick={() =>
                    form.set({
                      routes: [
                        ...form.draft.routes,
                        {
                          name: `Route ${form.draft.routes.length + 1}`,
                          when: {},
                          to: { owners: form.draft.owners.filter(({ left }) => !left).map(({ id }) => id) },
                          whenFull: 'next',
                        },
                      ],
                    })
                  }
                >
                  Add a route
                </Button>
              </div>
            </Stack>
          </Panel>
        </>
      )}
    </PartFrame>
  );
}

function Owners({ form }: { form: PartDraft<'routing'> }) {
  const { owners, tellOwners } = form.draft;
  const change = (index: number, next: Partial<Owner>) =>
    form.set({ owners: owners.with(index, { ...owners[index], ...next } as Owner) });
  const add = () => form.set({ owners: [...owners, { id: newId(owners, 'o'), name: '', left: false }] });
  return (
    <Panel title="People who take leads">
      <Stack gap="sm">
        {owners.map((owner, index) => (
          <div key={owner.id} className={classes.inline}>
            <TextInput
              aria-label={`Person ${index + 1}: name`}
              placeholder="Name"
              className={classes.grow}
              value={owner.name}
              error={form.wrong(`owners.${index}.name`) ?? form.wrong(`owners.${index}.id`)}
              onChange={(event) => change(index, { name: event.currentTarget.value })}
            />
            <TextInput
              aria-label={`Person ${index + 1}: e-mail`}
              placeholder="E-mail"
              className={classes.grow}
              value={owner.email ?? ''}
              error={form.wrong(`owners.${index}.email`)}
              onChange={(event) => {
                const { email: _, ...rest } = owner;
                const email = event.currentTarget.value.trim();
                form.set({ owners: owners.with(index, email === '' ? rest : { ...rest, email }) });
              }}
            />
            <NumberInput
              aria-label={`Person ${index + 1}: leads a day`}
              placeholder="Any number a day"
              w={170}
              min={1}
              suffix=" a day"
              allowDecimal={false}
              value={owner.perDay ?? ''}
              onChange={(next) => {
                const { perDay: _, ...rest } = owner;
                form.set({ owners: owners.with(index, Number(next) ? { ...rest, perDay: Number(next) } : rest) });
              }}
            />
            <Switch
              mt={8}
              label="has left"
              checked={owner.left}
              onChange={(event) => change(index, { left: event.currentTarget.checked })}
            />
            <RemoveRow
              mt={6}
              label={`Remove ${owner.name || `person ${index + 1}`}`}
              onClick={() => form.set({ owners: owners.filter((one) => one !== owner) })}
            />
          </div>
        ))}
        <div>
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={add}>
            Add a person
          </Button>
        </div>
        <Switch
          label="Tell people by mail when they get a lead, and until when to answer"
          checked={tellOwners}
          onChange={(event) => form.set({ tellOwners: event.currentTarget.checked })}
        />
        {tellOwners ? <MailNote /> : null}
      </Stack>
    </Panel>
  );
}

function RouteEditor({ route, index, form }: { route: Route; index: number; form: PartDraft<'routing'> }) {
  const { routes, owners } = form.draft;
  const change = (next: Partial<Route>) => form.set({ routes: routes.with(index, { ...route, ...next }) });
  const others = routes.flatMap(({ name }, at) => (at === index ? [] : [name]));
  const moveTo = (to: number) => form.set({ routes: routes.filter((one) => one !== route).toSpliced(to, 0, route) });
  const open = Object.keys(conditions).filter((key) => route.when[key as keyof Route['when']] !== undefined);
  return (
    <div className={classes.rule}>
      <div className={classes.ruleWords}>
        <div className={classes.inline}>
          <TextInput
            aria-label={`Route ${index + 1}: name`}
            value={route.name}
            error={form.wrong(`routes.${index}.name`) ?? form.wrong(`routes.${index}`)}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <Select
            aria-label={`Route ${index + 1}: to whom`}
            w={220}
            allowDeselect={false}
            data={[
              { value: 'owners', label: 'in turn to' },
              { value: 'nurture', label: 'to nurture' },
              ...others.map((name) => ({ value: `route:${name}`, label: `as in ${name}` })),
            ]}
            value={toValue(route.to)}
            onChange={(next) => change({ to: toTarget(next ?? 'nurture') })}
          />
          {route.to !== 'nurture' && 'owners' in route.to ? (
            <MultiSelect
              aria-label={`Route ${index + 1}: owners`}
              placeholder={route.to.owners.length === 0 ? 'Choose people' : ''}
              className={classes.grow}
              data={owners.map(({ id, name }) => ({ value: id, label: name || id }))}
              value={route.to.owners}
              error={form.wrong(`routes.${index}.to.owners`)}
              onChange={(ids) => change({ to: { owners: ids } })}
            />
          ) : null}
        </div>
        <Text size="sm" c="dimmed">
          {routeWords(route)}
        </Text>
        <div className={classes.inline}>
          {open.map((name) => {
            const key = name as keyof Route['when'];
            return (
              <TagsInput
                key={key}
                label={conditions[key]}
                size="xs"
                w={230}
                acceptValueOnBlur
                value={route.when[key] ?? []}
                error={form.wrong(`routes.${index}.when.${key}`)}
                onChange={(values) => {
                  const { [key]: _, ...rest } = route.when;
                  change({ when: values.length === 0 ? rest : { ...rest, [key]: values } });
                }}
              />
            );
          })}
          <Select
            aria-label={`Route ${index + 1}: only where`}
            placeholder="Only where…"
            size="xs"
            w={190}
            value={null}
            data={Object.entries(conditions)
              .filter(([key]) => !open.includes(key))
              .map(([value, label]) => ({ value, label }))}
            onChange={(key) => key && change({ when: { ...route.when, [key]: [] } })}
          />
          <Select
            aria-label={`Route ${index + 1}: when all have had enough`}
            size="xs"
            w={290}
            allowDeselect={false}
            data={[
              { value: 'next', label: 'When all are full: the next route that fits' },
              { value: 'wait', label: 'When all are full: wait for tomorrow' },
              { value: 'nurture', label: 'When all are full: to nurture' },
              ...others.map((name) => ({ value: `route:${name}`, label: `When all are full: as in ${name}` })),
            ]}
            value={typeof route.whenFull === 'string' ? route.whenFull : `route:${route.whenFull.route}`}
            onChange={(next) => change({ whenFull: toFull(next ?? 'next') })}
          />
        </div>
      </div>
      <ActionIcon
        disabled={index === 0}
        aria-label={`${route.name}: before the others`}
        onClick={() => moveTo(index - 1)}
      >
        <IconArrowUp size={16} stroke={1.6} />
      </ActionIcon>
      <ActionIcon
        disabled={index === routes.length - 1}
        aria-label={`${route.name}: after the others`}
        onClick={() => moveTo(index + 1)}
      >
        <IconArrowDown size={16} stroke={1.6} />
      </ActionIcon>
      <RemoveRow
        label={`Remove ${route.name}`}
        onClick={() => form.set({ routes: routes.filter((one) => one !== route) })}
      />
    </div>
  );
}

const toValue = (to: Route['to']): string =>
  to === 'nurture' ? 'nurture' : 'owners' in to ? 'owners' : `route:${to.route}`;

function toTarget(value: string): Route['to'] {
  if (value === 'nurture') return 'nurture';
  return value === 'owners' ? { owners: [] } : { route: value.slice('route:'.length) };
}

function toFull(value: string): Route['whenFull'] {
  return value === 'next' || value === 'wait' || value === 'nurture' ? value : { route: value.slice('route:'.length) };
}
