import type { Match } from '../../../collector/contract/match.ts';
import type { PathNode, PathsAnswer } from '../../../collector/contract/paths.ts';
import { formatCount, formatRate, plural } from '../../format.ts';
import { isComplete, parseMatch } from '../funnels/data.ts';

export type PathUnit = 'session' | 'visitor';

/** What is asked for: where people go from a place, how they come to one, or what they do from where they come in. */
export type Direction = 'entry' | 'start' | 'end';

export const fewestColumns = 2;
export const mostColumns = 10;

/** The question and what is selected, as it stands in the address. Absent: the default. */
export interface PathsSearch {
  start?: Match | undefined;
  end?: Match | undefined;
  by?: 'visitor' | undefined;
  depth?: number | undefined;
  ids?: 'apart' | undefined;
  /** Paths go from page to page, whatever else happens on them. */
  events?: 'off' | undefined;
  view?: 'flow' | 'table' | undefined;
  /** The selected node: its column, and its label. */
  column?: number | undefined;
  node?: string | undefined;
  /** Label in the column after it, where one link is meant. */
  next?: string | undefined;
  /** Whether the people behind the selection are open. */
  people?: 'open' | undefined;
}

/** Reads the question from the address; what does not fit is left out. */
export function parsePathsSearch(search: Record<string, unknown>): PathsSearch {
  const start = parseMatch(search.start);
  const end = parseMatch(search.end);
  const depth = Number(search.depth);
  const column = Number(search.column ?? Number.NaN);
  const selected =
    Number.isInteger(column) && column >= 0 && column < mostColumns && typeof search.node === 'string'
      ? { column, node: search.node }
      : undefined;
  return {
    ...(start ? { start } : end ? { end } : {}),
    ...(search.by === 'visitor' ? { by: 'visitor' } : {}),
    ...(Number.isInteger(depth) && depth >= fewestColumns && depth <= mostColumns ? { depth } : {}),
    ...(search.ids === 'apart' ? { ids: 'apart' } : {}),
    ...(search.events === 'off' ? { events: 'off' } : {}),
    ...(search.view === 'flow' || search.view === 'table' ? { view: search.view } : {}),
    ...(selected ?? {}),
    ...(selected && typeof search.next === 'string' ? { next: search.next } : {}),
    ...(selected && search.people === 'open' ? { people: 'open' } : {}),
  };
}

export function directionOf({ start, end }: Pick<PathsSearch, 'start' | 'end'>): Direction {
  return start ? 'start' : end ? 'end' : 'entry';
}

/** Whether the question can be asked: a half-written start or end waits. */
export function isAskable({ start, end }: Pick<PathsSearch, 'start' | 'end'>): boolean {
  const given = start ?? end;
  return given === undefined || isComplete({ match: given });
}

/** Whether the paths start at or lead to an event other than a page view. */
export function needsEvents({ start, end }: Pick<PathsSearch, 'start' | 'end'>): boolean {
  const event = (start ?? end)?.event;
  return event !== undefined && event !== 'pageview';
}

/** The name of a node as people read it. */
export function nodeName({ label, kind }: Pick<PathNode, 'label' | 'kind'>): string {
  switch (kind) {
    case 'exit':
      return 'Left the site';
    case 'entry':
      return 'Came in here';
    case 'other':
      return 'Everything else';
    case 'page':
    case 'event':
      return label;
  }
}

/** What a node starts a new question with; null for those that are no place. */
export function nodeMatch({ label, kind }: Pick<PathNode, 'label' | 'kind'>): Match | null {
  if (kind === 'page') return { path: label.replaceAll(':id', '*') };
  return kind === 'event' ? { event: label } : null;
}

/** Head of a column; going backward the last step is column 0. */
export function columnName(index: number, direction: Direction): string {
  if (index === 0) return direction === 'entry' ? 'Came in at' : direction === 'start' ? 'Starting from' : 'Leading to';
  return direction === 'end' ? `${plural(index, 'step')} before` : `${plural(index, 'step')} later`;
}

export interface ShownNode extends PathNode {
  name: string;
  /** 0–1 of its column. */
  share: number;
  /** How many of the selected node's people are at this one too; null where it is no neighbour of the selected one. */
  linked: number | null;
}

export interface ShownColumn {
  index: number;
  total: number;
  nodes: ShownNode[];
}

/** Columns to draw, in the order of time: going backward the asked end stands last. */
export function shownColumns(
  answer: PathsAnswer,
  selected: { column: number; label: string } | undefined,
): ShownColumn[] {
  const columns = answer.columns.map(
    ({ nodes, total }, index): ShownColumn => ({
      index,
      total,
      nodes: nodes.map((node) => ({
        ...node,
        name: nodeName(node),
        share: total === 0 ? 0 : node.count / total,
        linked: selected ? linkCount(answer, selected, { column: index, label: node.label }) : null,
      })),
    }),
  );
  return answer.direction === 'backward' ? columns.reverse() : columns;
}

function linkCount(
  { links }: PathsAnswer,
  selected: { column: number; label: string },
  other: { column: number; label: string },
): number | null {
  const [from, to] = other.column < selected.column ? [other, selected] : [selected, other];
  if (to.column - from.column !== 1) return null;
  return (
    links.find((one) => one.column === from.column && one.from === from.label && one.to === to.label)?.count ?? null
  );
}

/** The link between two neighbours as the people behind it are asked for. */
export function linkOf(
  selected: { column: number; label: string },
  other: { column: number; label: string },
): { column: number; node: string; next: string } {
  const [from, to] = other.column < selected.column ? [other, selected] : [selected, other];
  return { column: from.column, node: from.label, next: to.label };
}

/** How many the selection holds, the same number that its list must show. Undefined where it is not in the answer. */
export function selectedCount(
  answer: PathsAnswer,
  selection: { column: number; node: string; next?: string | undefined },
): number | undefined {
  if (selection.next !== undefined) {
    return answer.links.find(
      (one) => one.column === selection.column && one.from === selection.node && one.to === selection.next,
    )?.count;
  }
  return answer.columns[selection.column]?.nodes.find((one) => one.label === selection.node)?.count;
}

/** The paths in one sentence: how many leave at once, and where most of the others go. */
export function pathsSentence(answer: PathsAnswer, options: { unit: PathUnit; direction: Direction }): string {
  const { unit, direction } = options;
  const first = answer.columns[0];
  const second = answer.columns[1];
  if (!first || first.total === 0)
    return direction === 'entry' ? `No ${unit} in this range.` : `No ${unit} was there in this range.`;
  const place = first.nodes.length === 1 ? (first.nodes[0]?.label ?? '') : 'these places';
  const share = (count: number, total: number) => formatRate(total === 0 ? 0 : count / total);
  if (direction === 'entry') {
    const top = first.nodes.filter(isPlace).sort(byCount).slice(0, 2);
    const places = top.map((node) => `${share(node.count, first.total)} at ${node.label}`).join(', ');
    return `${plural(first.total, unit)} came in: ${places}.`;
  }
  const after = second?.nodes ?? [];
  const ended = after.find((node) => node.kind === 'exit' || node.kind === 'entry')?.count ?? 0;
  const next = after.filter(isPlace).sort(byCount)[0];
  const backward = direction === 'end';
  if (ended === 0 && next) {
    const all = `${share(next.count, first.total)} of ${plural(first.total, unit)}`;
    return backward
      ? `Before ${place}, ${all} come from ${next.label}.`
      : `After ${place}, ${all} go on to ${next.label}.`;
  }
  const went = next
    ? backward
      ? `${share(next.count, first.total)} come from ${next.label}`
      : `${share(next.count, first.total)} go on to ${next.label}`
    : backward
      ? 'nobody was anywhere else before'
      : 'nobody goes on';
  const stopped = backward
    ? `${share(ended, first.total)} of ${plural(first.total, unit)} come in right there`
    : `${share(ended, first.total)} of ${plural(first.total, unit)} leave`;
  return `${backward ? 'Before' : 'After'} ${place}, ${stopped}; ${went}.`;
}

function isPlace({ kind }: PathNode): boolean {
  return kind === 'page' || kind === 'event';
}

function byCount(a: PathNode, b: PathNode): number {
  return b.count - a.count;
}

export interface PathLine {
  key: string;
  step: string;
  from: string;
  to: string;
  count: number;
  /** 0–1 of those at `from`. */
  share: number;
}

/** Every link as a line of a table, in the order of time within a link: `from` is always the earlier place. */
export function pathLines(answer: PathsAnswer, direction: Direction): PathLine[] {
  const named = (column: number, label: string) => {
    const node = answer.columns[column]?.nodes.find((one) => one.label === label);
    return { name: node ? nodeName(node) : label, count: node?.count ?? 0 };
  };
  return answer.links.map(({ column, from, to, count }) => {
    const source = named(column, from);
    const target = named(column + 1, to);
    const backward = answer.direction === 'backward';
    return {
      key: `${column} ${from} ${to}`,
      step: columnName(column + 1, direction),
      from: backward ? target.name : source.name,
      to: backward ? source.name : target.name,
      count,
      share: source.count === 0 ? 0 : count / source.count,
    };
  });
}

export interface Flow {
  nodes: { name: string; kind: PathNode['kind']; count: string }[];
  links: { source: number; target: number; value: number }[];
}

/** The same numbers for the flow drawing: nodes by place in a list, links in the order of time. */
export function toFlow(answer: PathsAnswer): Flow {
  const places = new Map<string, number>();
  const nodes: Flow['nodes'] = [];
  answer.columns.forEach(({ nodes: inColumn }, column) => {
    for (const node of inColumn) {
      places.set(`${column} ${node.label}`, nodes.length);
      nodes.push({ name: nodeName(node), kind: node.kind, count: formatCount(node.count) });
    }
  });
  const links = answer.links.flatMap(({ column, from, to, count }) => {
    const source = places.get(`${column} ${from}`);
    const target = places.get(`${column + 1} ${to}`);
    if (source === undefined || target === undefined || count === 0) return [];
    return answer.direction === 'backward'
      ? [{ source: target, target: source, value: count }]
      : [{ source, target, value: count }];
  });
  return { nodes, links };
}
