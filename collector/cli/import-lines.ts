import { limits } from '../contract/limits.ts';
import type { DropReason } from '../contract/names.ts';
import { serverEvent } from '../contract/wire.ts';
import { hash64 } from '../hash.ts';
import type { SiteData } from './site-data.ts';

export interface ImportSummary {
  /** Lines that hold something. */
  read: number;
  kept: number;
  dropped: Partial<Record<DropReason, number>>;
  /** Lines that are no event, the first ones by number. */
  bad: { count: number; first: { line: number; problem: string }[] };
}

/** So many bad lines are named; the rest are only counted. */
const namedBadLines = 20;
/** Room for the brackets and commas around the lines. */
const maxBatchBytes = limits.serverBatchBytes - 16 * 1024;

interface Line {
  number: number;
  event: object;
}

/**
 * Sends lines of JSON, each a server event, in batches. An event without an id gets one from its line and place, so that the same
 * file a second time adds nothing. `take` absent: a dry run, in which only the shape of the lines is checked.
 */
export async function importLines(
  lines: AsyncIterable<string>,
  options: { take?: SiteData['take'] | undefined; onRead: (lines: number) => void },
): Promise<ImportSummary> {
  const summary: ImportSummary = { read: 0, kept: 0, dropped: {}, bad: { count: 0, first: [] } };
  let batch: Line[] = [];
  let bytes = 0;

  const refuse = (line: number, problem: string) => {
    summary.bad.count += 1;
    if (summary.bad.first.length < namedBadLines) summary.bad.first.push({ line, problem });
  };
  const send = async () => {
    if (batch.length === 0 || !options.take) return;
    const answer = await options.take(batch.map(({ event }) => event));
    summary.kept += answer.accepted;
    for (const { index, reason, detail } of answer.dropped) {
      const line = batch[index]?.number ?? 0;
      if (reason === 'invalid') refuse(line, detail ?? 'It is not an event.');
      else summary.dropped[reason] = (summary.dropped[reason] ?? 0) + 1;
    }
    batch = [];
    bytes = 0;
  };

  let number = 0;
  for await (const text of lines) {
    number += 1;
    options.onRead(number);
    // Windows editors put a byte order mark in front of the first line.
    const line = number === 1 ? text.replace(/^\uFEFF/, '') : text;
    if (line.trim() === '') continue;
    summary.read += 1;
    const parsed = parseLine(line, number);
    if ('problem' in parsed) {
      refuse(number, parsed.problem);
      continue;
    }
    if (!options.take) {
      const problem = problemOf(parsed.event);
      if (problem) refuse(number, problem);
      else summary.kept += 1;
      continue;
    }
    const size = Buffer.byteLength(line) + 80;
    if (batch.length === limits.serverBatchEvents || bytes + size > maxBatchBytes) await send();
    batch.push({ number, event: parsed.event });
    bytes += size;
  }
  await send();
  return summary;
}

function parseLine(line: string, number: number): { event: object } | { problem: string } {
  if (Buffer.byteLength(line) > maxBatchBytes) return { problem: 'It is longer than a megabyte.' };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: 'It is not JSON.' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { problem: 'It is not a JSON object.' };
  const id = 'id' in value ? {} : { id: `import-${hash64(line, String(number))}` };
  return { event: { ...id, ...value } };
}

function problemOf(event: object): string | undefined {
  const parsed = serverEvent.safeParse(event);
  const issue = parsed.success ? undefined : parsed.error.issues[0];
  if (!issue) return undefined;
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
}
