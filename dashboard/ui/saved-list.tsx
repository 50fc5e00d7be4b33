import { ActionIcon, Button, type ButtonProps, Group, Modal, Popover, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { notifyFailed, notifySaved, notifyUndo } from './notify.tsx';

interface Named {
  id: string;
  name: string;
}

interface SavedListProps<Item extends Named, Content> {
  /** What the list is called by a screen reader: `Segments`. */
  label: string;
  /** One of them, in a sentence: `segment`. */
  noun: string;
  button: ButtonProps;
  position: 'bottom-start' | 'bottom-end';
  width: number;
  /** Stands over the items; `none` where there are none. */
  heading: string;
  none: string;
  items: readonly Item[];
  /** Left out where an item is loaded and not chosen. */
  isChosen?: (item: Item) => boolean;
  onChoose: (item: Item) => void;
  /** What would be saved now; undefined where there is nothing to save. */
  content: Content | undefined;
  contentOf: (item: Item) => Content;
  create: (name: string, content: Content) => Promise<unknown>;
  destroy: (item: Item) => Promise<unknown>;
  refresh: () => Promise<unknown>;
  /** What the button for saving, its dialog, the name's example and the notice say. */
  words: { save: string; title: string; example: string; saved: (name: string) => string };
  nameLength: number;
}

/** Things kept under a name: a list to choose from and delete in (with undo), and a dialog that names what is on the screen. */
export function SavedList<Item extends Named, Content>(props: SavedListProps<Item, Content>) {
  const { items, content, words } = props;
  const [naming, nameModal] = useDisclosure(false);
  const [listOpen, list] = useDisclosure(false);
  const [name, setName] = useState('');
  const save = useMutation({
    mutationFn: (body: { name: string; content: Content }) => props.create(body.name, body.content),
    onSuccess: async (_, body) => {
      nameModal.close();
      setName('');
      notifySaved(words.saved(body.name));
      await props.refresh();
    },
    onError: notifyFailed,
  });
  const remove = useMutation({
    mutationFn: props.destroy,
    onSuccess: async (_, item) => {
      notifyUndo(`“${item.name}” deleted.`, () => save.mutate({ name: item.name, content: props.contentOf(item) }));
      await props.refresh();
    },
    onError: notifyFailed,
  });
  return (
    <>
      <Popover
        position={props.position}
        opened={listOpen}
        onChange={(open) => (open ? list.open() : list.close())}
        trapFocus
        returnFocus
      >
        <Popover.Target>
          <Button {...props.button} onClick={list.toggle} />
        </Popover.Target>
        <Popover.Dropdown aria-label={props.label} p="xs">
          <Stack gap={4} miw={props.width}>
            <Text size="xs" c="dimmed" px="xs">
              {items.length === 0 ? props.none : props.heading}
            </Text>
            {items.map((item) => (
              <Group key={item.id} gap={4} wrap="nowrap" justify="space-between">
                <Button
                  size="compact-sm"
                  variant="subtle"
                  aria-pressed={props.isChosen?.(item)}
                  onClick={() => {
                    props.onChoose(item);
                    list.close();
                  }}
                >
                  {item.name}
                </Button>
                <ActionIcon aria-label={`Delete the ${props.noun} ${item.name}`} onClick={() => remove.mutate(item)}>
                  <IconTrash size={15} />
                </ActionIcon>
              </Group>
            ))}
            <Button
              size="compact-sm"
              variant="default"
              disabled={content === undefined}
              onClick={() => {
                list.close();
                nameModal.open();
              }}
            >
              {words.save}
            </Button>
          </Stack>
        </Popover.Dropdown>
      </Popover>
      <Modal opened={naming} onClose={nameModal.close} title={words.title}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (content !== undefined) save.mutate({ name: name.trim(), content });
          }}
        >
          <Stack gap="md">
            <TextInput
              label="Name"
              placeholder={words.example}
              maxLength={props.nameLength}
              value={name}
              data-autofocus
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button type="submit" disabled={name.trim() === ''} loading={save.isPending}>
                Save
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
