/**
 * What is told to the modules, in order: a call of the page, an act of the visitor with its path as it was at the time
 * (`event.composedPath()` is empty later), or nothing: the view ends or the visitor turns away, which is the last moment to send.
 */
export type Message = Call | Act | [];
export type Call = [name: string, ...args: unknown[]];
export type Act = [event: Event, path: EventTarget[]];

const waiting: Message[] = [];

/** Tells the modules, or keeps it for them while they are on their way. */
export let tell = (message: Message): unknown => waiting.push(message);

/** The modules are there. */
export const tellTo = (take: (message: Message) => void): void => {
  waiting.forEach(take);
  tell = take;
};
