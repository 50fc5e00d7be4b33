// @ts-check
// What the tag costs a page, beside the same page without it: first paint, delay of an interaction, and time in which the main thread is
// blocked, at 4 × processor slow-down. `npm run bench -- page-cost [--rounds 20]`.
import { parseArgs } from 'node:util';
import { measureInBrowser } from './in-browser.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
measureInBrowser('page-cost', { COST_ROUNDS: values.rounds });
