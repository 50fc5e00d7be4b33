import { isSameMatch, type Match, matchedEvent } from '../contract/match.ts';
import { caseEvents } from '../contract/names.ts';
import { type Rule, type RuleRemark, weekdays } from '../contract/rule.ts';
import { durationMs } from '../contract/time.ts';

/** What is wrong with a rule by itself: it could never fire, would answer itself, or plans messages that never go out. Pure. */
export function ruleMistakes(rule: Rule): RuleRemark[] {
  return [
    ...intentCompletes(rule),
    ...answersItself(rule),
    ...neverSent(rule),
    ...sentTwice(rule),
    ...alwaysQuiet(rule),
    ...tooLong(rule),
  ];
}

function intentCompletes({ intent, complete }: Rule): RuleRemark[] {
  return complete.flatMap((completion, index) =>
    isSameMatch(completion, intent)
      ? [
          {
            path: `complete.${index}`,
            message: 'This is the intent itself, so the rule can never fire. Name what finishes it instead.',
          },
        ]
      : [],
  );
}

function answersItself({ intent, complete }: Rule): RuleRemark[] {
  const places: [string, Match][] = [
    ['intent.event', intent],
    ...complete.map((match, index): [string, Match] => [`complete.${index}.event`, match]),
  ];
  return places.flatMap(([path, match]) =>
    caseEvents.some((name) => name === matchedEvent(match))
      ? [
          {
            path,
            message: `Rules write ${matchedEvent(match)} themselves: a rule that reads it would answer itself for ever. Name what the visitor does instead.`,
          },
        ]
      : [],
  );
}

function neverSent({ followUps, recoveryWindow }: Rule): RuleRemark[] {
  return followUps.flatMap(({ after }, index) =>
    durationMs(after) >= durationMs(recoveryWindow)
      ? [
          {
            path: `followUps.${index}.after`,
            message: `A case is over ${recoveryWindow} after the abandonment (recoveryWindow), so this message would never go out. Send it earlier or make the window longer.`,
          },
        ]
      : [],
  );
}

function sentTwice({ followUps }: Rule): RuleRemark[] {
  return followUps.flatMap(({ after, endpoint }, index) =>
    followUps
      .slice(0, index)
      .some((other) => other.endpoint === endpoint && durationMs(other.after) === durationMs(after))
      ? [
          {
            path: `followUps.${index}`,
            message:
              'The same endpoint gets a message at this moment already. Choose another time or leave this one out.',
          },
        ]
      : [],
  );
}

function alwaysQuiet({ quietHours }: Rule): RuleRemark[] {
  return weekdays.every((day) => quietHours?.days.includes(day))
    ? [{ path: 'quietHours.days', message: 'Every day is quiet, so no message could ever go out. Leave a day free.' }]
    : [];
}

/** Longest times that a rule may name. Events that detection reads are kept for 60 days, so nothing later can be seen as a recovery. */
const longest = { cooldown: '365d', perPersonCap: '365d', recoveryWindow: '60d' } as const;

function tooLong(rule: Rule): RuleRemark[] {
  return (Object.keys(longest) as (keyof typeof longest)[]).flatMap((path) =>
    durationMs(rule[path]) > durationMs(longest[path]) ? [{ path, message: `At most ${longest[path]}.` }] : [],
  );
}
