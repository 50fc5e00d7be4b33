import wholeModule from './intents/whole.ts';
import { bringFrom } from './modules.ts';
import { safely } from './safely.ts';
import { startTag } from './start-tag.ts';

/** The script for owners who pin what runs on their pages by its hash: all in one file, so that the one hash covers all of it. */
safely(() => {
  bringFrom(async () => ({ default: wholeModule }));
  startTag({});
})();
