/** A tag of a page, with its attributes by lower-case name; of entities only `&amp;` is read, which addresses are full of. */
export interface HtmlTag {
  /** Lower case; `/form` is where a form ends. Other end tags are left out. */
  name: string;
  attributes: ReadonlyMap<string, string>;
  /** What stands between the tags of a script; '' for all others. */
  text: string;
}

/** Inside these, `<` begins no tag (https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inhead). */
const rawText = new Set(['script', 'style', 'textarea', 'title', 'noscript', 'template', 'xmp', 'iframe']);

/**
 * The tags of a page, in order. Enough of HTML to find scripts, forms and frames in what strangers write: no tree, no entities,
 * nothing inside of comments, templates and `noscript`.
 *
 * TRICKY: every look moves on, none looks back, so that a page made to be slow costs no more than its length.
 */
export function readTags(html: string): HtmlTag[] {
  const tags: HtmlTag[] = [];
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', at)) {
    if (html.startsWith('<!--', at)) {
      at = after(html, '-->', at + 4);
      continue;
    }
    if (/^<\/form[\s/>]/i.test(html.slice(at, at + 7))) tags.push({ name: '/form', attributes: new Map(), text: '' });
    const name = readName(html, at + 1);
    if (name === '') {
      at += 1;
      continue;
    }
    const { attributes, end } = readAttributes(html, at + 1 + name.length);
    const tag = { name: name.toLowerCase(), attributes, text: '' };
    at = end;
    if (rawText.has(tag.name)) {
      const close = findClose(html, tag.name, end);
      if (tag.name === 'script') tag.text = html.slice(end, close);
      at = close;
    }
    tags.push(tag);
  }
  return tags;
}

function after(html: string, text: string, from: number): number {
  const found = html.indexOf(text, from);
  return found < 0 ? html.length : found + text.length;
}

function readName(html: string, from: number): string {
  namePattern.lastIndex = from;
  return namePattern.exec(html)?.[0] ?? '';
}
const namePattern = /[a-z][a-z0-9:-]*/iy;

function findClose(html: string, name: string, from: number): number {
  const pattern = new RegExp(`</${name}[\\s/>]`, 'gi');
  pattern.lastIndex = from;
  return pattern.exec(html)?.index ?? html.length;
}

const spacePattern = /[\s/]*/y;
const attributePattern = /[^\s/>=]+/y;
const equalsPattern = /\s*=\s*/y;
const barePattern = /[^\s>]*/y;

function readAttributes(html: string, from: number): { attributes: Map<string, string>; end: number } {
  const attributes = new Map<string, string>();
  let at = from;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(html)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  for (;;) {
    take(spacePattern);
    if (at >= html.length) return { attributes, end: at };
    if (html[at] === '>') return { attributes, end: at + 1 };
    // An equals sign without a name before it is the first letter of a name.
    const name = take(attributePattern) ?? html[at++] ?? '';
    const value = take(equalsPattern) === undefined ? '' : takeValue();
    // The first of two counts.
    if (!attributes.has(name.toLowerCase())) attributes.set(name.toLowerCase(), value.replaceAll('&amp;', '&'));
  }

  function takeValue(): string {
    const quote = html[at];
    if (quote !== '"' && quote !== "'") return take(barePattern) ?? '';
    const start = at + 1;
    at = after(html, quote, start);
    return html.slice(start, html[at - 1] === quote && at > start ? at - 1 : at);
  }
}
