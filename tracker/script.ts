import { safely } from './safely.ts';
import { startTag } from './start-tag.ts';
import type { TagSettings } from './tag-settings.ts';

/** The argument of the function that the build puts around the script: what the server knows of the site. */
declare const served: Partial<TagSettings>;

safely(startTag)(served);
