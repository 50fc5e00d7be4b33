import { ActionIcon, Button, Input, Select, Stack } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { limits } from '../../../collector/contract/limits.ts';
import { endpointsQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { DurationInput } from '../../ui/duration-input.tsx';
import classes from './leaks.module.css';
import { Doubt } from './rule-doubt.tsx';
import type { RulePart } from './rule-editor.tsx';

/** "then …": what goes out, when, and where to. */
export function RuleMessages({ draft, set, wrong, doubtful }: RulePart) {
  const site = useSite();
  const endpoints = useQuery(endpointsQuery(site.id));
  const options = (endpoints.data?.items ?? [])
    .filter(({ kind }) => kind === 'webhook')
    .map((one) => ({ value: one.id, label: one.enabled ? one.name : `${one.name} (off)` }));
  return (
    <Input.Wrapper
      label="then"
      description={
        options.length === 0
          ? 'The case is kept, and nothing is sent. To send something, add an endpoint under Webhooks first.'
          : 'Each message goes out after its delay, and is taken back if the person finishes before.'
      }
      labelElement="div"
    >
      <Stack gap="sm" mt={6}>
        {draft.followUps.map((followUp, index) => {
          const place = `followUps.${index}`;
          const change = (next: Partial<typeof followUp>) =>
            set({ followUps: draft.followUps.map((one, other) => (other === index ? { ...one, ...next } : one)) });
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a message has no identity but its place; its fields are controlled.
            <div key={index} className={classes.editorRow}>
              <div className={classes.editorGrow}>
                <div className={classes.message}>
                  <DurationInput
                    label={`Message ${index + 1} after`}
                    value={followUp.after}
                    error={wrong(`${place}.after`)}
                    onChange={(after) => change({ after })}
                  />
                  <Select
                    label="to"
                    aria-label={`Message ${index + 1}: endpoint`}
                    placeholder="Choose an endpoint"
                    data={options}
                    value={followUp.endpoint === '' ? null : followUp.endpoint}
                    error={wrong(`${place}.endpoint`)}
                    onChange={(endpoint) => change({ endpoint: endpoint ?? '' })}
                  />
                </div>
                <Doubt>{doubtful(place)}</Doubt>
              </div>
              <ActionIcon
                mt={28}
                aria-label={`Remove message ${index + 1}`}
                onClick={() => set({ followUps: draft.followUps.filter((_, other) => other !== index) })}
              >
                <IconX size={16} />
              </ActionIcon>
            </div>
          );
        })}
        {options.length > 0 && draft.followUps.length < limits.followUpsPerRule ? (
          <div>
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconPlus size={14} />}
              onClick={() =>
                set({
                  followUps: [
                    ...draft.followUps,
                    { after: draft.followUps.length === 0 ? '0s' : '24h', endpoint: options[0]?.value ?? '' },
                  ],
                })
              }
            >
              Add message
            </Button>
          </div>
        ) : null}
      </Stack>
    </Input.Wrapper>
  );
}
