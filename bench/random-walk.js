// @ts-check
// Random things done by a script, in Chromium and Firefox, and what of them lies in ClickHouse.
// `npm run bench -- random-walk [--actions 10000] [--seed N]`.
import { parseArgs } from 'node:util';
import { measureInBrowser } from './in-browser.js';

const { values } = parseArgs({ options: { actions: { type: 'string', default: '10000' }, seed: { type: 'string' } } });
measureInBrowser('random-walk', { WALK_ACTIONS: values.actions, WALK_SEED: values.seed });
