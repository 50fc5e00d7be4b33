/** What a schema finds wrong at one place, as zod tells it. */
export interface SchemaIssue {
  message: string;
  code?: string | undefined;
  /** What was too small or too big: `string`, `array`, `number` … */
  origin?: string | undefined;
  minimum?: number | bigint | undefined;
  maximum?: number | bigint | undefined;
  /** False: the bound itself is too small or too big already. */
  inclusive?: boolean | undefined;
  /** What may be chosen. */
  values?: readonly unknown[] | undefined;
  expected?: string | undefined;
  /** Names that the schema does not know. */
  keys?: readonly string[] | undefined;
}

/** What a person is told of them, at most so many: that much is wrong where a whole form is. */
const mostDetails = 20;

/** Where a schema finds something wrong, and what, in words for a person. */
export function issueDetails(
  issues: readonly (SchemaIssue & { path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined })[],
): { path: string; message: string }[] {
  return issues.slice(0, mostDetails).map((issue) => ({
    path: (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
    message: issueWords(issue),
  }));
}

/** How zod itself speaks, where a schema says nothing of its own. */
const zodSpeaks = /^(Too small|Too big|Invalid (input|option)|Unrecognized key)/;

/** What is wrong, in words for a person who fills in a form. What a schema says in its own words stays. */
export function issueWords(issue: SchemaIssue): string {
  if (!zodSpeaks.test(issue.message)) return issue.message;
  const { code, origin, minimum, maximum, inclusive, values = [], expected, keys = [] } = issue;
  switch (code) {
    case 'too_small':
      if (origin === 'string') return minimum === 1 ? 'Fill this in.' : `Write at least ${minimum} characters.`;
      if (origin === 'array') return minimum === 1 ? 'Name at least one.' : `Name at least ${minimum}.`;
      return inclusive ? `Use ${minimum} or more.` : `Use more than ${minimum}.`;
    case 'too_big':
      if (origin === 'string') return `Write at most ${maximum} characters.`;
      if (origin === 'array') return `Name at most ${maximum}.`;
      return inclusive ? `Use ${maximum} or less.` : `Use less than ${maximum}.`;
    case 'invalid_value':
      return values.length === 1 ? `This must be ${values[0]}.` : `Choose one of these: ${values.join(', ')}.`;
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'This is missing.'
        : `This must be of the type ${expected}.`;
    case 'unrecognized_keys':
      return `There is nothing called ${keys.join(', ')} here. Check how it is written.`;
    default:
      return 'This does not fit here.';
  }
}
