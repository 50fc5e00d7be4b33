import { Drawer } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type PathsQuestion, pathPeoplePage, pathPeopleQuery } from '../../api/queries.ts';
import { plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { PeopleList } from '../funnels/people-list.tsx';
import type { PathUnit } from './data.ts';

/** Who is behind one node, or behind one link. */
export function PeopleDrawer({
  question,
  selection,
  count,
  title,
  unit,
  onClose,
}: {
  question: PathsQuestion;
  /** Undefined: closed. */
  selection: { column: number; label: string; next?: string } | undefined;
  count: number | undefined;
  title: string;
  unit: PathUnit;
  onClose: () => void;
}) {
  return (
    <Drawer
      opened={selection !== undefined}
      onClose={onClose}
      size={720}
      title={count === undefined ? title : `${plural(count, unit)}: ${title}`}
    >
      {selection ? <People question={question} selection={selection} title={title} unit={unit} /> : null}
    </Drawer>
  );
}

function People({
  question,
  selection,
  title,
  unit,
}: {
  question: PathsQuestion;
  selection: { column: number; label: string; next?: string };
  title: string;
  unit: PathUnit;
}) {
  const site = useSite();
  const body = { ...question, ...selection };
  const people = useInfiniteQuery(pathPeopleQuery(site.id, body));
  return (
    <PeopleList
      people={people}
      ask={(cursor) => pathPeoplePage(site.id, { ...body, limitPeople: 1_000, ...(cursor ? { cursor } : {}) })}
      unit={unit}
      label={title}
      at="There at"
      file={`paths ${title}`}
      nobody={{ title: 'Nobody is here any more', text: 'Look again: the range has moved on.' }}
    />
  );
}
