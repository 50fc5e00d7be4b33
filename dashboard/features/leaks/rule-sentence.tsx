import { ActionIcon, Button, Input, Stack } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { seenQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { DurationInput } from '../../ui/duration-input.tsx';
import { MatchEditor } from '../../ui/match-editor.tsx';
import classes from './leaks.module.css';
import { Doubt } from './rule-doubt.tsx';
import { sentPlace } from './rule-draft.ts';
import type { RulePart } from './rule-editor.tsx';

/** "When somebody … and does not … within …". */
export function RuleSentence({ draft, set, wrong, doubtful }: RulePart) {
  const site = useSite();
  const seen = useQuery(seenQuery(site.id));
  return (
    <>
      <Input.Wrapper label="When somebody" labelElement="div" error={wrong('intent')}>
        <MatchEditor label="Intent" value={draft.intent} seen={seen.data} onChange={(intent) => set({ intent })} />
        <Doubt>{doubtful('intent')}</Doubt>
      </Input.Wrapper>
      <Input.Wrapper
        label="and does not"
        description="Any one of these counts as finished."
        labelElement="div"
        error={remarkOfAll(wrong('complete'), draft.complete.length)}
      >
        <Stack gap="xs" mt={6}>
          {draft.complete.map((match, index) => {
            const place = `complete.${sentPlace(draft.complete, index)}`;
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a completion has no identity but its place; its fields are controlled.
              <div key={index} className={classes.editorRow}>
                <div className={classes.editorGrow}>
                  <MatchEditor
                    label={`Completion ${index + 1}`}
                    value={match}
                    seen={seen.data}
                    error={draft.complete.length > 1 ? wrong(place) : undefined}
                    onChange={(next) =>
                      set({ complete: draft.complete.map((one, other) => (other === index ? next : one)) })
                    }
                  />
                  <Doubt>{doubtful(place)}</Doubt>
                </div>
                {draft.complete.length > 1 ? (
                  <ActionIcon
                    aria-label={`Remove completion ${index + 1}`}
                    onClick={() => set({ complete: draft.complete.filter((_, other) => other !== index) })}
                  >
                    <IconX size={16} />
                  </ActionIcon>
                ) : null}
              </div>
            );
          })}
          <div>
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconPlus size={14} />}
              onClick={() => set({ complete: [...draft.complete, { event: '' }] })}
            >
              or another
            </Button>
          </div>
        </Stack>
      </Input.Wrapper>
      <div>
        <DurationInput label="within" value={draft.wait} error={wrong('wait')} onChange={(wait) => set({ wait })} />
        <Doubt>{doubtful('wait')}</Doubt>
      </div>
    </>
  );
}

/** With several completions each shows its own remark; the list shows only what is about all of them. */
function remarkOfAll(remark: string | undefined, count: number): string | undefined {
  return count > 1 && remark !== undefined ? undefined : remark;
}
