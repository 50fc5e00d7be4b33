import type { PathsRequest } from '../../collector/contract/paths.ts';
import { compileMatch } from '../../collector/contract/pattern.ts';
import { type EventRow, fromTimestamp } from '../../collector/contract/row.ts';

/** The way of one unit: the event that stands for each column, and what the column calls it. */
export interface FoldedPath {
  unit: string;
  steps: { label: string; row: EventRow }[];
}

/** The meaning of paths, written the slow and obvious way: sort what each unit did, find where it starts, walk on. */
export function foldPaths(rows: EventRow[], request: PathsRequest, hashes: ReadonlyMap<string, bigint>): FoldedPath[] {
  const [fromMs, toMs] = [Date.parse(request.from), Date.parse(request.to)];
  const anchor = request.start ?? request.end;
  const isAnchor = anchor ? compileMatch(anchor) : () => true;
  const units = new Map<string, EventRow[]>();
  for (const row of rows) {
    const ms = fromTimestamp(row.ts);
    if (ms < fromMs || ms >= toMs || row.name === 'engagement' || row.name === 'form_field') continue;
    if (!request.events && row.name !== 'pageview') continue;
    const unit = request.by === 'session' ? row.session_id : row.visitor_id;
    units.set(unit, [...(units.get(unit) ?? []), row]);
  }
  const folded: FoldedPath[] = [];
  for (const [unit, events] of units) {
    // At the same time with the same seq any order will do, if both sides know it.
    const hash = (row: EventRow) => hashes.get(labelOf(row, request.group)) ?? 0n;
    events.sort(
      (a, b) =>
        fromTimestamp(a.ts) - fromTimestamp(b.ts) ||
        a.seq - b.seq ||
        (hash(a) === hash(b) ? 0 : hash(a) < hash(b) ? -1 : 1),
    );
    const place = events.findIndex(isAnchor);
    if (place < 0) continue;
    const way = request.end ? events.slice(0, place + 1).reverse() : events.slice(place);
    const steps: FoldedPath['steps'] = [];
    for (const row of way) {
      const label = labelOf(row, request.group);
      if (steps.at(-1)?.label !== label) steps.push({ label, row });
    }
    folded.push({ unit, steps: steps.slice(0, request.depth) });
  }
  return folded;
}

export function labelOf({ name, path }: Pick<EventRow, 'name' | 'path'>, group: boolean): string {
  if (name !== 'pageview') return ['(exit)', '(entry)', '(other)'].includes(name) ? `event ${name}` : name;
  if (!group) return path;
  return path
    .split('/')
    .map((part) => (isIdLike(part) ? ':id' : part))
    .join('/');
}

function isIdLike(part: string): boolean {
  if (/^\d+$/.test(part)) return true;
  if (/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(part)) return true;
  if (part.length < 8 || !/^[\da-z]+$/i.test(part) || !/\d/.test(part)) return false;
  const isHex = /^[\da-f]+$/.test(part) || /^[\dA-F]+$/.test(part);
  const isMixed = /[a-z]/.test(part) && /[A-Z]/.test(part);
  const runsOfDigits = part.match(/\d+/g)?.length ?? 0;
  return isHex || isMixed || runsOfDigits > 1;
}
