import { toTimestamp } from '../contract/row.ts';

/** A typed value that reaches ClickHouse as a query parameter, never as text of the statement. */
export class Parameter {
  readonly type: string;
  readonly value: ParameterValue;

  constructor(type: string, value: ParameterValue) {
    this.type = type;
    this.value = value;
  }
}
export type ParameterValue = string | number | bigint | string[] | bigint[] | number[];

/** A piece of a statement. Made only by `sql` and `joinSql`, so its text always comes from our source files. */
export class Sql {
  readonly parts: readonly (string | Parameter)[];

  constructor(parts: readonly (string | Parameter)[]) {
    this.parts = parts;
  }
}

/** Writes a statement. A hole takes another piece or a parameter; a bare string or number does not compile. */
export function sql(texts: TemplateStringsArray, ...holes: (Sql | Parameter)[]): Sql {
  return new Sql(
    texts.flatMap((text, index) => {
      const hole = holes[index];
      if (index === holes.length) return [text];
      if (hole instanceof Sql) return [text, ...hole.parts];
      if (hole instanceof Parameter) return [text, hole];
      throw new Error('A hole of a statement takes a piece made by sql, or a parameter made by param.');
    }),
  );
}

/** Pieces one after the other, with a separator between them. */
export function joinSql(fragments: readonly Sql[], separator: Sql): Sql {
  return new Sql(
    fragments.flatMap((fragment, index) => (index === 0 ? fragment.parts : [...separator.parts, ...fragment.parts])),
  );
}

/** A number of ours as text of the statement: part of a name, or where ClickHouse wants a constant. */
export function literal(value: number | bigint): Sql {
  return new Sql([String(value)]);
}

/** Typed values for the holes of `sql`. UInt64 values are decimal text, because numbers are exact only to 2^53. */
export const param = {
  uint32: (value: number) => new Parameter('UInt32', value),
  uint64: (value: string) => new Parameter('UInt64', BigInt(value)),
  int64: (value: number) => new Parameter('Int64', value),
  string: (value: string) => new Parameter('String', value),
  strings: (values: readonly string[]) => new Parameter('Array(String)', [...values]),
  int64s: (values: readonly number[]) => new Parameter('Array(Int64)', [...values]),
  uint32s: (values: readonly number[]) => new Parameter('Array(UInt32)', [...values]),
  uint64s: (values: readonly string[]) => new Parameter('Array(UInt64)', values.map(BigInt)),
  /** Milliseconds since 1970. */
  dateTime: (ms: number) => new Parameter("DateTime64(3, 'UTC')", toTimestamp(ms)),
};

/** The statement with `{p1:Type}` places, and the value of each. A parameter object used twice is sent once. */
export function render(statement: Sql): { text: string; params: Record<string, ParameterValue> } {
  const names = new Map<Parameter, string>();
  const params: Record<string, ParameterValue> = {};
  const text = statement.parts.map((part) => {
    if (typeof part === 'string') return part;
    const name = names.get(part) ?? `p${names.size + 1}`;
    names.set(part, name);
    params[name] = part.value;
    return `{${name}:${part.type}}`;
  });
  return { text: text.join(''), params };
}
