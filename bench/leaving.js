// @ts-check
// Twelve ways to leave a page, in Chromium and Firefox: what happened, what was sent, what lies in ClickHouse, what lies there twice, and
// what the best of the other trackers delivers. `npm run bench -- leaving [--visits 20]`.
import { parseArgs } from 'node:util';
import { measureInBrowser } from './in-browser.js';

const { values } = parseArgs({ options: { visits: { type: 'string', default: '20' } } });
measureInBrowser('leaving', { LEAVING_VISITS: values.visits });
