import { assert, Context, Liquid, type Template } from 'liquidjs';
import { limits } from '../contract/limits.ts';
import { type WebhookEvent, webhookEvents } from '../contract/names.ts';
import type { TemplateProblem, WebhookMessage } from '../contract/webhooks.ts';
import { sampleMessage } from './events.ts';

/** Computing that one rendering may take, milliseconds: a message has hardly more than a hundred values. */
const renderLimitMs = 100;
/** Characters and list items that filters and ranges of one rendering may make. */
const memoryLimit = 500_000;
const shownProblems = 20;

type Message = WebhookMessage<unknown>;

export type Rendered = { body: string; problem?: never } | { body: string | null; problem: TemplateProblem };

/** What turns messages into JSON. Pure: no files, no network, no clock, and bounded in computing, memory and size. */
export interface PayloadTemplates {
  /** The body for this message, or why there is none. A name that the message lacks renders as nothing. */
  render(template: string, message: Message): Rendered;
  /** All that would keep a template from rendering JSON for messages of these types; empty where it is fine. */
  check(template: string, types: readonly WebhookEvent[]): TemplateProblem[];
}

export function createPayloadTemplates(): PayloadTemplates {
  const engine = createEngine();

  const parse = (template: string): { nodes: Template[] } | { problem: TemplateProblem } => {
    if (template.length > limits.templateLength) {
      return { problem: placeless(`A template has at most ${limits.templateLength} characters.`) };
    }
    try {
      return { nodes: engine.parse(template) };
    } catch (error) {
      return { problem: toProblem(error) };
    }
  };

  const renderNodes = (nodes: Template[], message: Message): Rendered => {
    const context = new Context({ ...message }, engine.options, { sync: true }, { liquid: engine });
    limitComputing(context);
    const pieces: Piece[] = [];
    let length = 0;
    try {
      // One top-level node after the other, so that a place in the result can be told as a place in the template.
      for (const node of nodes) {
        const text = String(engine.renderSync([node], context) ?? '');
        length += text.length;
        if (length > limits.webhookBytes) break;
        pieces.push({ text, node });
      }
    } catch (error) {
      return { body: null, problem: toProblem(error) };
    }
    const body = pieces.map(({ text }) => text).join('');
    if (length > limits.webhookBytes || Buffer.byteLength(body) >= limits.webhookBytes) {
      return { body: null, problem: placeless('What it renders is larger than 20 kB, the most a webhook may have.') };
    }
    const problem = jsonProblem(body, pieces);
    return problem ? { body, problem } : { body };
  };

  return {
    render(template, message) {
      const parsed = parse(template);
      return 'problem' in parsed ? { body: null, problem: parsed.problem } : renderNodes(parsed.nodes, message);
    },
    check(template, types) {
      const parsed = parse(template);
      if ('problem' in parsed) return [parsed.problem];
      const context = { site: 'sample', at: '2026-09-01T12:00:00.000Z' };
      const full = types.map((type) => sampleMessage(type, context));
      // Of all types: one template may serve several, and ask which it is.
      const everything = webhookEvents.map((type) => sampleMessage(type, context));
      const unknown = unknownNames(engine, parsed.nodes, everything);
      if (unknown.length > 0) return unknown.slice(0, shownProblems);
      const sparse = types.map((type) => sampleMessage(type, { ...context, sparse: true }));
      /** By place: the first trial that stumbles there says it best. */
      const problems = new Map<string, TemplateProblem>();
      const trials = [
        ...full.map((message) => ({ message, advice: '' })),
        ...sparse.map((message) => ({
          message,
          advice: ' This happens where a value is missing: write {{ … | json }}.',
        })),
        ...full.map((message) => ({
          message: withQuotes(message),
          advice: ' This happens where a value holds quotation marks: leave out the filter raw.',
        })),
      ];
      for (const { message, advice } of trials) {
        const { problem } = renderNodes(parsed.nodes, message);
        const place = `${problem?.line}:${problem?.column}`;
        if (problem && !problems.has(place)) problems.set(place, { ...problem, message: problem.message + advice });
      }
      return [...problems.values()].slice(0, shownProblems);
    },
  };
}

/** Part of a result, and the part of the template that rendered it. */
interface Piece {
  text: string;
  node: Template;
}

function createEngine(): Liquid {
  const engine = new Liquid({
    // Nothing to include, from nowhere.
    templates: {},
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    timezoneOffset: 0,
    parseLimit: limits.templateLength,
    memoryLimit,
    outputEscape: insideQuotes,
  });
  for (const tag of ['include', 'render', 'layout', 'block']) Reflect.deleteProperty(engine.tags, tag);
  for (const name of ['json', 'jsonify']) {
    engine.registerFilter(name, { raw: true, handler: (value: unknown) => JSON.stringify(value ?? null) });
  }
  return engine;
}

/**
 * The library's own limit is one of the clock. A template that is fine must not fail because the machine was busy with something else
 * meanwhile, so the time counts in which this process was at work.
 */
function limitComputing(context: Context): void {
  const [startedMs, workedMs] = [performance.now(), processorMs()];
  context.renderLimit.check = (nowMs) =>
    assert(
      nowMs - startedMs <= renderLimitMs || processorMs() - workedMs <= renderLimitMs,
      'template render limit exceeded',
    );
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** `{{ … }}` stands inside the quotation marks of the template, so a value is written as the inside of a JSON string. */
function insideQuotes(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return JSON.stringify(text).slice(1, -1);
}

function placeless(message: string): TemplateProblem {
  return { message, line: null, column: null };
}

/** The library names the place at the end of its message; a person reads it beside the message. */
function toProblem(error: unknown): TemplateProblem {
  const { message, token } = error as { message: string; token?: { getPosition(): number[] } };
  const [line, column] = token?.getPosition() ?? [];
  const text = message.replace(/,? line:\d+(?:, col:\d+)?.*$/s, '');
  return { message: wordsOf(text), line: line ?? null, column: column ?? null };
}

function wordsOf(text: string): string {
  const tag = /^tag "(.*)" not found/.exec(text)?.[1];
  if (tag !== undefined) return `There is no tag {% ${tag} %} here.`;
  const filter = /^undefined filter: (.*)$/.exec(text)?.[1];
  if (filter !== undefined) return `There is no filter "${filter}".`;
  if (/render limit exceeded/.test(text))
    return `It takes longer than ${renderLimitMs} ms to render. Make the loops smaller.`;
  if (/alloc limit exceeded|Invalid string length/.test(text))
    return 'It makes more text than a message may hold. Make the loops smaller.';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Names that no sample knows: nearly always a misspelling, and it would render as nothing for ever. */
function unknownNames(engine: Liquid, nodes: Template[], samples: Message[]): TemplateProblem[] {
  const { globals } = engine.analyzeSync(nodes, { partials: false });
  return Object.values(globals).flatMap((variables) =>
    variables.flatMap(({ segments, location }) => {
      if (samples.some((sample) => isKnown(sample, segments))) return [];
      const shown = segments.filter((segment) => typeof segment !== 'object').join('.');
      return [{ message: `No message has "${shown}".`, line: location.row, column: location.col }];
    }),
  );
}

/** Objects whose keys are the site's own. */
const openObjects = ['props', 'traits'];

function isKnown(value: unknown, [first, ...rest]: readonly unknown[]): boolean {
  if (first === undefined) return true;
  // A name that is looked up by another one.
  if (typeof first === 'object') return true;
  if (first === 'size') return rest.length === 0;
  if (Array.isArray(value)) {
    return typeof first === 'number' || first === 'first' || first === 'last' ? isKnown(value[0], rest) : false;
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, String(first))) return false;
  if (openObjects.includes(String(first))) return true;
  return isKnown((value as Record<string, unknown>)[String(first)], rest);
}

/** The same message with text that only a careful template survives. */
function withQuotes(value: Message): Message {
  const spoil = (one: unknown): unknown => {
    if (typeof one === 'string') return `${one} "quoted" \\ \n`;
    if (Array.isArray(one)) return one.map(spoil);
    if (typeof one === 'object' && one !== null) {
      return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, spoil(inner)]));
    }
    return one;
  };
  return { ...value, data: spoil(value.data) };
}

/** Undefined where the text is a JSON object or list. */
function jsonProblem(body: string, pieces: Piece[]): TemplateProblem | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return undefined;
    return { message: 'What it renders is a single value. A receiver expects an object: { … }.', line: 1, column: 1 };
  } catch {
    const at = firstFault(body);
    const near = body.slice(Math.max(0, at - 20), at + 10).replace(/\s+/g, ' ');
    const what = at >= body.trimEnd().length ? 'it ends too early' : `unexpected ${JSON.stringify(body.charAt(at))}`;
    return { message: `What it renders is no JSON: ${what} near «${near}».`, ...placeInTemplate(at, pieces) };
  }
}

/**
 * Where JSON.parse stumbles. TRICKY: its message tells a position in some versions of Node and for some mistakes only, so the longest
 * beginning that a small scanner accepts is found here.
 */
function firstFault(text: string): number {
  let at = 0;
  const skip = () => {
    while (/[ \t\r\n]/.test(text.charAt(at)) && at < text.length) at += 1;
  };
  const literal = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) return false;
    at += found[0].length;
    return true;
  };
  const value = (): boolean => {
    skip();
    if (text.charAt(at) === '{') return group('}', () => string() && colon() && value());
    if (text.charAt(at) === '[') return group(']', value);
    return string() || literal(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y);
  };
  const string = () => {
    skip();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a JSON string must not hold.
    return literal(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y);
  };
  const colon = () => {
    skip();
    return literal(/:/y);
  };
  const group = (end: string, item: () => boolean): boolean => {
    at += 1;
    skip();
    if (text.charAt(at) === end) {
      at += 1;
      return true;
    }
    for (;;) {
      if (!item()) return false;
      skip();
      const next = text.charAt(at);
      if (next !== ',' && next !== end) return false;
      at += 1;
      if (next === end) return true;
    }
  };
  if (value()) skip();
  return at;
}

/** The line and column of the template that rendered this place of the result. */
function placeInTemplate(at: number, pieces: Piece[]): { line: number | null; column: number | null } {
  let begin = 0;
  const placed = pieces.map((piece) => {
    const one = { ...piece, begin, end: begin + piece.text.length };
    begin = one.end;
    return one;
  });
  const body = pieces.map(({ text }) => text).join('');
  const piece =
    // A value that rendered as nothing, just before: that is where it should have been.
    placed.findLast((one) => one.text === '' && one.end <= at && body.slice(one.end, at).trim() === '') ??
    // The last piece also answers for an end that came too early.
    placed.find(({ end }) => at < end) ??
    placed.at(-1);
  if (!piece) return { line: 1, column: 1 };
  const { token } = piece.node;
  const inside = at - piece.begin;
  const source = token.getText();
  // Text between the tags comes out as it stands; of a tag only its beginning can be told.
  const isPlainText = source.includes(piece.text) && !/^\{[{%]/.test(source);
  const offset = token.begin + (isPlainText ? source.indexOf(piece.text) + Math.min(inside, piece.text.length) : 0);
  const before = token.input.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
